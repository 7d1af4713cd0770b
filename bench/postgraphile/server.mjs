// PostGraphile 5 on the measured database, as its documentation sets it up: default preset, JSON over HTTP alone.
// DATABASE_URL and PGPOOL come from the environment. It ends when its input does.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.PGPOOL ?? 8) },
    }),
  ],
  // Lists are ordered by columns that are not the first of an index.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  grafserv: { websockets: false, graphiql: false, watch: false },
  grafast: { explain: false },
});

if (process.argv[2] === "schema") {
  const { printSchema } = await import("graphql");
  console.log(printSchema((await instance.getSchemaResult()).schema));
  process.exit(0);
}

const served = instance.createServ(grafserv);
const server = createServer();
await served.addTo(server);
await served.ready();
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
