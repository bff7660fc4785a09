import { describe, expect, it } from "vitest";
import { findProxy, isLocalHost, proxySecrets } from "../../src/http/proxy.ts";

const HTTPS = "https://api.alldebrid.com/v4/user";
const HTTP = "http://kuma.example/ping";
const found = (url: string, env: NodeJS.ProcessEnv) => {
  const proxy = findProxy(new URL(url), env);
  return proxy && [proxy.variable, proxy.url.href];
};

describe("findProxy", () => {
  it.each<[string, NodeJS.ProcessEnv, [string, string] | undefined]>([
    [HTTPS, {}, undefined],
    [HTTPS, { HTTPS_PROXY: " " }, undefined],
    [HTTPS, { HTTP_PROXY: "http://p:1" }, undefined],
    [HTTPS, { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }, ["https_proxy", "http://q:2/"]],
    [HTTPS, { HTTPS_PROXY: "http://p:1", all_proxy: "http://q:2" }, ["HTTPS_PROXY", "http://p:1/"]],
    [HTTPS, { ALL_PROXY: "https://p" }, ["ALL_PROXY", "https://p/"]],
    [HTTPS, { HTTPS_PROXY: "p.lan:3128" }, ["HTTPS_PROXY", "http://p.lan:3128/"]],
    [HTTPS, { HTTPS_PROXY: "10.0.0.9:8080" }, ["HTTPS_PROXY", "http://10.0.0.9:8080/"]],
    [HTTPS, { HTTPS_PROXY: "http://u:p%40@p:1" }, ["HTTPS_PROXY", "http://u:p%40@p:1/"]],
    [HTTP, { HTTP_PROXY: "http://p:1" }, ["HTTP_PROXY", "http://p:1/"]],
    [HTTP, { HTTPS_PROXY: "http://p:1" }, undefined],
    [HTTP, { ALL_PROXY: "http://p:1" }, ["ALL_PROXY", "http://p:1/"]],
  ])("%s under %j", (url, env, expected) => {
    expect(found(url, env)).toEqual(expected);
  });

  it.each([
    "*",
    "api.alldebrid.com",
    "alldebrid.com",
    ".alldebrid.com",
    "*.alldebrid.com",
    "other.example, API.AllDebrid.com",
    "other.example alldebrid.com",
    "alldebrid.com:443",
  ])("goes directly by NO_PROXY=%s", (list) => {
    expect(found(HTTPS, { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBeUndefined();
    expect(found(HTTPS, { HTTPS_PROXY: "http://p:1", no_proxy: list, NO_PROXY: "x" })).toBeUndefined();
  });

  it.each(["debrid.com", "alldebrid.com:80", "", "alldebrid", "203.0.113.0/24"])(
    "is not kept from a proxy by NO_PROXY=%s",
    (list) => {
      expect(found(HTTPS, { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBeDefined();
    },
  );

  it.each([
    ["https://203.0.113.7/", "203.0.113.7"],
    ["https://203.0.113.7/", "203.0.113.0/24"],
    ["https://203.0.113.7:8443/", "203.0.113.7:8443"],
    ["https://[2001:db8::7]/", "2001:db8::/32"],
    ["https://[2001:db8::7]/", "[2001:db8::7]:443"],
    ["https://[2001:db8::7]/", "2001:db8::7"],
  ])("%s goes directly by NO_PROXY=%s", (url, list) => {
    expect(found(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBeUndefined();
    expect(found("https://203.0.114.1/", { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBeDefined();
  });

  it.each([
    "http://localhost:1",
    "http://127.8.9.1",
    "http://[::1]:5",
    "http://10.1.2.3",
    "http://172.31.0.1",
    "http://192.168.178.20:3001",
    "http://100.100.1.1",
    "http://169.254.1.1",
    "http://[fd12::1]",
    "http://[fe80::1]",
    "http://nas.local",
    "http://NAS",
    "http://sonarr:8989",
    "http://[::ffff:192.168.1.1]",
  ])("%s is on this network, where no proxy leads", (url) => {
    expect(isLocalHost(new URL(url).hostname)).toBe(true);
    expect(found(url, { ALL_PROXY: "http://p:1" })).toBeUndefined();
  });

  it.each(["http://172.32.0.1", "http://11.0.0.1", "http://[2001:db8::1]", "http://local.example"])(
    "%s is not",
    (url) => {
      expect(isLocalHost(new URL(url).hostname)).toBe(false);
    },
  );

  it.each(["socks5://p:1080", "socks5h://u:PASSWORD@p:1080", "SOCKS4://p:1", "pac+http://p", "ftp://p"])(
    "says that %s is not supported",
    (text) => {
      const find = () => found(HTTPS, { ALL_PROXY: text });
      expect(find).toThrow(
        /^ALL_PROXY: [a-z0-9+]+ proxies are not supported; name an http:\/\/ or https:\/\/ proxy/,
      );
      expect(find).not.toThrow(/PASSWORD/);
    },
  );

  it.each([
    "http://",
    "http://u:hunter2@p:x",
    "http://u:100%hunter2@p:1",
    "http://u:hunter2/x@p:1",
    "u:hunter2://x@p:1",
  ])("says what is expected in place of %s", (text) => {
    const find = () => found(HTTPS, { https_proxy: text });
    expect(find).toThrow(/^https_proxy: expected http:\/\/HOST:PORT or /);
    expect(find).not.toThrow(/hunter/);
  });
});

describe("proxySecrets", () => {
  it.each<[string, string[]]>([
    ["http://proxy:3128", []],
    ["http://user:pass%40word@proxy:3128", ["pass%40word", "pass@word", "user:pass@word"]],
    ["user:s3cret@proxy:3128", ["s3cret", "user:s3cret"]],
    ["socks5://user:s3cret@proxy", ["s3cret"]],
    ["http://user:100%s3cret@proxy", ["100%s3cret"]],
  ])("%s", (text, secrets) => {
    for (const name of ["HTTPS_PROXY", "http_proxy", "all_proxy"]) {
      const known = proxySecrets({ [name]: text });
      if (secrets.length === 0) expect(known).toEqual([]);
      else expect(known).toEqual(expect.arrayContaining(secrets));
    }
  });
});
