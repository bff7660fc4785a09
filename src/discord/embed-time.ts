/** A moment in Unix seconds, as Discord's `<t:…>` takes it; `undefined` for what is none. */
export function unixSeconds(time: string | undefined): number | undefined {
  const milliseconds = sensibleTime(time);
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
}

/** An embed's `timestamp`; left out for what is no time. */
export function timestamp(time: string): { timestamp?: string } {
  const milliseconds = sensibleTime(time);
  return milliseconds === undefined ? {} : { timestamp: new Date(milliseconds).toISOString() };
}

/** Years outside 1970–9999 are no times that Discord takes. */
function sensibleTime(time: string | undefined): number | undefined {
  const milliseconds = Date.parse(time ?? "");
  return milliseconds >= 0 && milliseconds < Date.UTC(10_000, 0) ? milliseconds : undefined;
}
