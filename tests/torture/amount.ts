/** The first number in a usual run, the second with `TORTURE=full`. */
export function amount(usual: number, full: number): number {
  return process.env.TORTURE === "full" ? full : usual;
}
