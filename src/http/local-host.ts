import { BlockList, isIP } from "node:net";

const LOCAL: readonly (readonly [network: string, prefix: number, family: "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["::", 127, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
];

/** Whether a URL's host is this machine or on its network: loopback, private, `.local`, or a name without a dot. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (isIP(host) === 0) return !host.includes(".") || /\.(local|localhost)$/i.test(host);
  const networks = new BlockList();
  for (const [network, prefix, family] of LOCAL) networks.addSubnet(network, prefix, family);
  return networks.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}
