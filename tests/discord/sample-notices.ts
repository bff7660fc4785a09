import type { AlertNotice, CapNotice, DeletionNotice, Notice } from "../../src/core/records.ts";
import { buildMessage, type WebhookPayload } from "../../src/discord/message.ts";
import type { Texts } from "../../src/discord/texts.ts";

/** A usual deletion; whatever matters to a test is given. */
export function deletionNotice(more: Partial<DeletionNotice> = {}): DeletionNotice {
  return {
    kind: "deletion",
    key: `deletion-${more.id ?? "403207307"}`,
    id: "403207307",
    filename: "Debian 12.5",
    size: 1_400_000_000,
    hash: "0123456789abcdef0123456789abcdef01234567",
    account: "main",
    fingerprint: "00112233445566aa",
    deleted_at: "2026-01-02T03:04:05.000Z",
    status: "error",
    status_text: "No peer after 30 minutes",
    fails: 5,
    max_retries: 5,
    failing_since: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

/** So many deletions, named and numbered from 1. */
export function deletionNotices(count: number): DeletionNotice[] {
  return Array.from({ length: count }, (_, i) =>
    deletionNotice({ id: `${i + 1}`, filename: `Film ${i + 1}` }),
  );
}

/** A usual hold by `max_deletes_per_run`. */
export function capNotice(more: Partial<CapNotice> = {}): CapNotice {
  return {
    kind: "cap",
    key: "cap-1",
    at: "2026-01-02T03:04:05.000Z",
    account: "main",
    due: 150,
    max_deletes: 100,
    ...more,
  };
}

/** A usual alert: the key was refused. */
export function alertNotice(more: Partial<AlertNotice> = {}): AlertNotice {
  return {
    kind: "alert",
    key: "alert-1",
    at: "2026-01-02T03:04:05.000Z",
    account: "main",
    code: "AUTH_BAD_APIKEY",
    resolved: false,
    ...more,
  };
}

/** All notices in as many messages as they need, each with the notices that it announces. */
export function buildMessages(
  notices: readonly Notice[],
  texts: Texts,
): { payload: WebhookPayload; notices: readonly Notice[] }[] {
  if (notices.length === 0) return [];
  const { payload, count } = buildMessage(notices, texts);
  return [{ payload, notices: notices.slice(0, count) }, ...buildMessages(notices.slice(count), texts)];
}
