import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** How a proxy behaves. */
interface ProxyOptions {
  /** Only these may use it: `user:password`. */
  readonly login?: string;
  /** It refuses everything with this status. */
  readonly refuses?: number;
  /** It accepts connections and never says a word. */
  readonly silent?: boolean;
}

/** A proxy on loopback, which tunnels (CONNECT) and forwards (`GET http://…`); every name leads to loopback. */
export async function startProxy({ login, refuses, silent = false }: ProxyOptions = {}) {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const verdict = (authorization: string | undefined): number | undefined => {
    if (refuses !== undefined) return refuses;
    const wanted = login && `Basic ${Buffer.from(login).toString("base64")}`;
    return wanted === undefined || wanted === authorization ? undefined : 407;
  };
  const server = createServer((message, response) => {
    seen.push(`${message.method} ${message.url}`);
    if (silent) return;
    const refusal = verdict(message.headers["proxy-authorization"]);
    if (refusal !== undefined) return void response.writeHead(refusal).end("no");
    const { port, pathname, search } = new URL(message.url ?? "");
    const { method, headers } = message;
    const forwarded = request({ port, path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    message.pipe(forwarded.on("error", () => response.destroy()));
  });
  server.on("connect", (message, socket: Socket) => {
    seen.push(`CONNECT ${message.url}`);
    if (silent) return;
    const refusal = verdict(message.headers["proxy-authorization"]);
    if (refusal !== undefined)
      return void socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 2\r\n\r\nno`);
    const behind = connect(Number(message.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(behind).pipe(socket);
    });
    socket.on("error", () => behind.destroy());
    behind.on("error", () => socket.destroy());
  });
  server.on("connection", (socket) => sockets.add(socket.once("close", () => sockets.delete(socket))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    /** What it was asked for. */
    seen,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
