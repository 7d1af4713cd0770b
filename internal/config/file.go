package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// fileSuffix makes the name of the variable that holds a path instead of the value.
const fileSuffix = "_FILE"

// read returns the setting's value, or the default if it is not set.
func (s setting) read(lookup func(string) (string, bool), readFile func(string) ([]byte, error)) (string, error) {
	get := func(name string) string {
		if value, ok := lookup(name); ok {
			return value
		}
		return ""
	}
	value, path := get(s.name), get(s.name+fileSuffix)
	name := s.name
	switch {
	case value != "" && path != "":
		return "", &Error{s.name, "and " + s.name + fileSuffix + " are both set: keep one"}
	case path != "":
		name = s.name + fileSuffix
		content, err := readFile(path)
		if err != nil {
			return "", &Error{name, "names a file that " + reason(err)}
		}
		value = strings.TrimRight(string(content), "\r\n")
		if value == "" {
			return "", &Error{name, "names a file that is empty"}
		}
	case value == "":
		return s.standard, nil
	}
	switch {
	case len(value) > valueLimit:
		return "", &Error{name, "is too long"}
	case strings.ContainsRune(value, 0):
		return "", &Error{name, "holds a zero byte"}
	case !utf8.ValidString(value):
		return "", &Error{name, "is not valid UTF-8"}
	}
	return value, nil
}

// reason says why a file could not be read, without its path: whoever mixed up NAME and NAME_FILE put a secret there.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read"
	case errors.Is(err, errTooLong):
		return "is too long"
	}
	return "cannot be read"
}

var errTooLong = errors.New("the file is too long")

// ReadFile is os.ReadFile that gives up on files larger than any setting, so that a path such as /dev/zero does no harm.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's path is the point
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	content, err := io.ReadAll(io.LimitReader(file, valueLimit+1))
	if err != nil {
		return nil, err
	}
	if len(content) > valueLimit {
		return nil, errTooLong
	}
	return content, nil
}
