import { createFetch } from "../../src/http/fetch.ts";
import { startFullServer } from "./full-server.ts";

// Fetches from http://slow.test, where one address leads nowhere and the other takes a second to connect.
const server = await startFullServer();
setTimeout(server.resume, 500);
try {
  const response = await createFetch({})(`http://slow.test:${server.port}/`);
  console.log(response.status, await response.text());
} finally {
  server.close();
}
