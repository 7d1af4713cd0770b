# syntax=docker/dockerfile:1
# docker build --build-arg VERSION=$(git describe --tags --always) -t needle .
# The build fetches its base images and the Go modules, so it needs a network.

FROM golang:1.26 AS build
WORKDIR /src
ENV GOCACHE=/var/cache/go-build
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/var/cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/needle ./cmd/needle

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/needle /usr/local/bin/needle
COPY LICENSE /usr/share/doc/needle/LICENSE
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/needle"]
CMD ["serve"]
