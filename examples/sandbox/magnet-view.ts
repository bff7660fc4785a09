import type { SandboxMagnet } from "./sandbox-magnet.ts";

/** What the `status` filter of `/v4.1/magnet/status` may be. */
export const FILTERS = ["active", "ready", "expired", "error"] as const;
export type Filter = (typeof FILTERS)[number];

/** Whether the filtered list holds the magnet at `now`. */
export function isListed(magnet: SandboxMagnet, filter: Filter, now: number): boolean {
  const stage = magnet.stage(now);
  if (filter === "active") return stage.state === "processing";
  if (filter === "ready") return stage.state === "ready";
  return stage.state === "failing" && (stage.failure.list === filter || stage.failure.list === "both");
}

/** The magnet as AllDebrid shows it. */
export function magnetView(magnet: SandboxMagnet, now: number): Record<string, unknown> {
  const stage = magnet.stage(now);
  const common = {
    id: magnet.id,
    filename: magnet.filename,
    size: magnet.size,
    ...(magnet.hash === null ? {} : { hash: magnet.hash }),
    uploadDate: seconds(magnet.uploadDate.getTime()),
  };
  const rest = () => {
    if (stage.state === "failing") {
      const { status, statusCode } = stage.failure;
      return { status, statusCode, completionDate: 0 };
    }
    if (stage.state === "processing") return { ...inProgress(magnet, now), completionDate: 0 };
    return { status: "Ready", statusCode: 4, completionDate: seconds(stage.from) };
  };
  return { ...common, ...rest(), ...magnet.extra };
}

function inProgress(magnet: SandboxMagnet, now: number): Record<string, unknown> {
  const progress = magnet.progress(now);
  const downloading = progress >= 0.1;
  return {
    status: downloading ? "Downloading" : "In Queue",
    statusCode: downloading ? 1 : 0,
    downloaded: Math.floor(magnet.size * progress),
    uploaded: 0,
    seeders: downloading ? 3 : 0,
    downloadSpeed: downloading ? 2_400_000 : 0,
    uploadSpeed: 0,
  };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
