import type {
  ArrTask,
  ConfirmedDeletion,
  CounterRecord,
  Deletion,
  Intent,
  SweepSummary,
} from "../../src/core/records.ts";

/** A counter with every field. */
export function counter(fields: Partial<CounterRecord> = {}): CounterRecord {
  return {
    fails: 3,
    last_status: "error",
    account: "0123456789abcdef",
    filename: "Sintel.2010.1080p",
    size: 1_500_000_000,
    hash: "08ada5a7a6183aae1e09d831df6748d566095a10",
    status_text: "No peer after 30 minutes",
    failing_since: "2026-01-31T10:00:00.000Z",
    last_seen: "2026-01-31T11:00:00.000Z",
    failing_seconds: 3600,
    restarts: 2,
    had_chance: true,
    seen_at: "2026-01-31T11:30:00.000Z",
    gap: "given",
    in_time: 1,
    refused: { code: "MAGNET_PROCESSING_COOLDOWN", times: 2 },
    last_asked: "2026-01-31T11:30:00.000Z",
    held: "protected",
    ...fields,
  };
}

export function deletion(id: string, fields: Partial<Deletion> = {}): Deletion {
  return {
    key: `key-${id}`,
    id,
    filename: "Sintel.2010.1080p",
    size: 1_500_000_000,
    account: "main",
    fingerprint: "0123456789abcdef",
    deleted_at: "2026-01-31T12:00:00.000Z",
    status: "error",
    fails: 5,
    max_retries: 5,
    ...fields,
  };
}

export function arrTask(id: string): ArrTask {
  const { key: done, filename, account, deleted_at } = deletion(id);
  const hash = "08ada5a7a6183aae1e09d831df6748d566095a10";
  return { key: `${done} sonarr`, deletion: done, server: "sonarr", id, hash, filename, account, deleted_at };
}

export function intent(id: string): Intent {
  const { deleted_at, ...details } = deletion(id);
  return { ...details, requested_at: deleted_at };
}

export function confirmed(id: string): ConfirmedDeletion {
  return {
    id,
    hash: "08ada5a7a6183aae1e09d831df6748d566095a10",
    fingerprint: "0123456789abcdef",
    deleted_at: "2026-01-31T12:00:00.000Z",
    still_there: "2026-01-31T12:30:00.000Z",
    record: counter(),
  };
}

export function sweep(fields: Partial<SweepSummary> = {}): SweepSummary {
  const counts = { failing: 1, restarted: 1, deleted: 0, held: 0, failed: 0, forgotten: 0 };
  return {
    started_at: "2026-01-31T12:00:00.000Z",
    finished_at: "2026-01-31T12:00:05.000Z",
    exit_code: 0,
    ...counts,
    accounts: [{ name: "main", ok: true, error: null }],
    ...fields,
  };
}
