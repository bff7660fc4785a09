import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** The key that a small arr accepts: as real ones are. */
export const ARR_KEY = "0123456789abcdef0123456789abcdef";

/** What a small arr says. */
interface Says {
  readonly appName?: string;
  readonly searches?: boolean;
  readonly searchesInteractive?: boolean;
  /** Records of any download, whatever its id. */
  readonly records?: readonly { readonly eventType: string; readonly data?: object }[];
  /** Responds in place of all of it. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A Sonarr or Radarr over real sockets that knows the few calls. It ends with the test. */
export async function startSmallArr(says: Says = {}) {
  const requests: string[] = [];
  /** May be changed at any time. */
  const arr = { isStarting: false, delayMs: 0 };
  const { appName = "Sonarr", searches = true, searchesInteractive = true, records = [] } = says;
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://arr");
    requests.push(`${request.method} ${pathname}`);
    await sleep(arr.delayMs);
    const send = (status: number, body?: object) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body && JSON.stringify(body));
    };
    if (arr.isStarting) return send(503, { errorMessage: "starting" });
    if (says.instead) return says.instead(request, response);
    if (request.headers["x-api-key"] !== ARR_KEY) return send(401);
    const call = `${request.method} ${pathname.replace("/api/v3", "")}`;
    if (call === "GET /system/status") return send(200, { appName, version: "4.0.15.2941" });
    if (call === "GET /config/downloadclient") {
      return send(200, {
        autoRedownloadFailed: searches,
        autoRedownloadFailedFromInteractiveSearch: searchesInteractive,
      });
    }
    if (call === "GET /history") {
      const downloadId = searchParams.get("downloadId");
      const date = "2026-05-09T08:00:00Z";
      const found = records.map((record, id) => ({ id, downloadId, date, data: {}, ...record }));
      return send(200, { page: 1, totalRecords: found.length, records: found });
    }
    return send(call.startsWith("POST /history/failed/") ? 200 : 404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** Waits for the next request. */
  const received = () => once(server, "request");
  return Object.assign(arr, { url, requests, received, close });
}
