import { apiSuccess, errorBody } from "./alldebrid-answers.ts";
import type { Answer } from "./behaviour.ts";
import type { Call } from "./magnet-endpoints.ts";
import type { SandboxAccount } from "./sandbox-account.ts";
import type { SandboxMagnet } from "./sandbox-magnet.ts";

/** `GET /v4/user`. `asText` gives `premiumUntil` as a string of digits. */
export function user({ account, isDemo }: Call, asText: boolean): Answer {
  const premiumUntil = account.isPremium ? Math.floor(account.premiumUntil.getTime() / 1000) : 0;
  return apiSuccess(
    {
      user: {
        username: account.username,
        email: `${account.username}@example.invalid`,
        isPremium: account.isPremium,
        isSubscribed: false,
        isTrial: account.trial,
        premiumUntil: asText ? String(premiumUntil) : premiumUntil,
        lang: "en",
        preferedDomain: "com",
        fidelityPoints: 0,
        limitedHostersQuotas: {},
        notifications: [],
      },
    },
    isDemo,
  );
}

/** `POST /v4/magnet/upload`: links or bare hashes in `magnets[]`. What is added is ready ten minutes later. */
export function magnetUpload({ account, form, now, isDemo, shapes }: Call): Answer {
  const magnets = form.getAll("magnets[]").map((magnet) => {
    const hash = hashOf(magnet);
    if (hash === null) return { magnet, error: errorBody("MAGNET_INVALID_URI") };
    const held = account.magnets().find((other) => other.hash === hash);
    if (held) {
      const { id, ...rest } = uploaded(held, now);
      return { magnet, ...rest, ...{ given: { id }, zero: { id: 0 }, none: {} }[shapes.uploadId] };
    }
    if (account.magnets().length >= account.totalSlots)
      return { magnet, error: errorBody("MAGNET_TOO_MANY") };
    if (account.active() >= account.activeSlots)
      return { magnet, error: errorBody("MAGNET_TOO_MANY_ACTIVE") };
    return { magnet, ...uploaded(added(account, hash, now), now) };
  });
  if (magnets.length === 0) {
    return { status: 200, body: JSON.stringify({ status: "error", error: errorBody("MAGNET_NO_URI") }) };
  }
  return apiSuccess({ magnets }, isDemo);
}

/** A hash that was here before keeps its name and size. */
function added(account: SandboxAccount, hash: string, now: number): SandboxMagnet {
  const before = account.deletions.findLast(({ magnet }) => magnet.hash === hash)?.magnet;
  const { filename = "noname", size = 0 } = before ?? {};
  const life = { now: "processing", readyAfterMinutes: 10 } as const;
  return account.add({ filename, size, hash, uploadDate: new Date(now), life });
}

function uploaded(magnet: SandboxMagnet, now: number): Record<string, unknown> {
  const { id, hash, filename, size } = magnet;
  return { hash, name: filename, size, ready: magnet.stage(now).state === "ready", id };
}

/** The hash in a magnet link or a bare hash, in small letters; null if there is none. */
function hashOf(text: string): string | null {
  const found = /^(?:magnet:\?(?:.*&)?xt=urn:btih:)?([0-9a-f]{40})(?:&.*)?$/i.exec(text)?.[1];
  return found?.toLowerCase() ?? null;
}
