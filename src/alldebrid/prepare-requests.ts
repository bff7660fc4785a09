import { prepareExchange } from "../http/fetch.ts";

/** Loads what the first request needs; to be called where the program waits for something else anyway. */
export async function prepareRequests(): Promise<void> {
  await prepareExchange();
}
