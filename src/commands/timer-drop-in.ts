const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** How to make timer and `cycle_seconds` agree: what to paste, or the other value to configure. */
export function timerDropIn(cycleSeconds: number, timerSeconds: number): string {
  const other = `"cycle_seconds": ${timerSeconds} in the configuration`;
  const expression = calendarFor(cycleSeconds);
  if (expression === undefined) return other;
  return [
    `${other}; or sudo systemctl edit magnets.timer, and paste:`,
    "[Timer]",
    "OnCalendar=",
    `OnCalendar=${expression}`,
  ].join("\n");
}

/** An OnCalendar= expression that fires so often; nothing where none does so evenly. */
export function calendarFor(seconds: number): string | undefined {
  const step = (part: number) => (part === 1 ? "*" : `0/${part}`);
  if (seconds % MINUTE !== 0) return undefined;
  if (seconds < HOUR && HOUR % seconds === 0) return `*:${step(seconds / MINUTE)}`;
  if (seconds === DAY) return "daily";
  return seconds % HOUR === 0 && DAY % seconds === 0 ? `${step(seconds / HOUR)}:00` : undefined;
}
