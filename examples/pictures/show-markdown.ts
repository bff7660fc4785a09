const MINUTE = 60_000;

/** Discord's markdown as a reader sees it at `now` (milliseconds): escapes vanish, `<t:…:R>` says how long ago. */
export function showMarkdown(markdown: string, now: number): string {
  return markdown
    .replace(/<t:(\d+):R>/g, (_, seconds) => ago(now - Number(seconds) * 1000))
    .replace(/\\([\\*_~`|>#\-[\]()<:@.!+])/g, "$1");
}

function ago(ms: number): string {
  const hours = Math.round(ms / MINUTE / 60);
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} minutes ago`;
  return `${hours} hours ago`;
}
