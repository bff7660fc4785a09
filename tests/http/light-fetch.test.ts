import { describe, expect, it } from "vitest";
import { LightHeaders, LightRequest, LightResponse } from "../../src/http/light-fetch.ts";

/** As ky makes them and `transport` reads them; in both of which the light ones have to be as good as Node's own. */
describe.each([
  ["light", { Headers: LightHeaders, Request: LightRequest, Response: LightResponse }],
  ["Node's own", { Headers, Request, Response }],
] as const)("%s", (_, made) => {
  const headers = new made.Headers({ Authorization: "Bearer k", accept: "application/json" });
  const init = { method: "POST", headers: headers as never, body: "id=1&id=2" };

  it("headers are found in any case, told in lower case, replaced, taken out and copied", () => {
    const copy = new made.Headers(headers as never);
    copy.set("Accept", "text/html");
    copy.delete("AUTHORIZATION");
    expect([...copy.entries()]).toEqual([["accept", "text/html"]]);
    expect([headers.get("ACCEPT"), headers.has("Accept"), headers.has("Cookie")]).toEqual([
      "application/json",
      true,
      false,
    ]);
    expect([...new made.Headers().entries()]).toEqual([]);
  });

  it("a request and its clone have method, address, headers and text", async () => {
    const request = new made.Request("HTTP://127.0.0.1:80/a b?c=d", init);
    for (const same of [request.clone(), request]) {
      expect([same.method, same.url]).toEqual(["POST", "http://127.0.0.1/a%20b?c=d"]);
      expect(Object.fromEntries(same.headers.entries())).toMatchObject({ authorization: "Bearer k" });
      expect(await same.text()).toBe("id=1&id=2");
    }
  });

  it("without a method it is a GET; an address that is none is an error", () => {
    expect(new made.Request("http://localhost/").method).toBe("GET");
    expect(() => new made.Request("nowhere")).toThrow(TypeError);
  });

  it.each([
    [200, true],
    [204, true],
    [301, false],
    [404, false],
    [503, false],
  ])("an answer of %s: ok is %s", (status, ok) => {
    expect(new made.Response(null, { status })).toMatchObject({ status, ok, body: null });
  });
});
