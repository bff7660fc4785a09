/** Counters as sweeps leave them, `count` of them, for magnets that nobody else has. */
export function sampleCounters(count: number): Record<string, object> {
  const entries = Array.from({ length: count }, (_, i) => [
    String(900_000_001 + i),
    {
      fails: (i % 5) + 1,
      last_status: i % 3 === 0 ? "expired" : "error",
      account: "0123456789abcdef",
      failing_since: "2026-11-20T08:00:00.000Z",
      last_seen: "2026-11-23T15:30:00.000Z",
      failing_seconds: 286_200,
      restarts: i % 5,
      filename: `Some.Series.S01E${i % 24}.1080p.WEB.H264-GROUP.${i}.mkv`,
      size: 1_400_000_000 + i,
      hash: i.toString(16).padStart(40, "0"),
      status_text: "No peer after 30 minutes",
      had_chance: true,
    },
  ]);
  return Object.fromEntries(entries);
}
