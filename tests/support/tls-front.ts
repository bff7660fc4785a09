import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";

const folder = join(import.meta.dirname, "../promises");

/** The certificate of an authority that only these tests know: for NODE_EXTRA_CA_CERTS. */
export const AUTHORITY = join(folder, "authority.pem");

/** A key, and that authority's certificate for `alldebrid.test`. */
const IDENTITY = readFileSync(join(folder, "server.pem"), "utf8");

/** Puts TLS for `alldebrid.test` in front of a server on loopback. */
export async function startTlsFront(origin: string, host = "127.0.0.1") {
  const { port } = new URL(origin);
  const server = createServer({ key: IDENTITY, cert: IDENTITY }, (socket) => {
    const behind = connect(Number(port), "127.0.0.1");
    socket.on("error", () => behind.destroy());
    behind.on("error", () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, host);
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    port: own,
    url: `https://alldebrid.test:${own}`,
    connections: () => connections,
    close: () => void server.close(),
  };
}
