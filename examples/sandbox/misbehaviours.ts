import type { AllDebridSandbox } from "./alldebrid.ts";
import { type Behaviour, cloudflarePage, emptyBody, reconnectGlitch } from "./behaviour.ts";
import type { SandboxAccount } from "./sandbox-account.ts";

/** Something that AllDebrid does wrong. */
export type Misbehaviour = {
  /** In a line. */
  what: string;
  /** Makes it do so from now on. */
  start(sandbox: AllDebridSandbox): void;
};

/** What clients of the live service met, or its documents don't rule out. By the names that `--misbehave` takes. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  "filter-ignored": each("each list shows all magnets, whatever `status` asks for", (account) => {
    account.ignoresFilter = true;
  }),
  "old-lists": each("lists are a copy from now, however things change", (account) => account.freezeLists()),
  "keyed-lists": shapes("lists are objects keyed by strings", { list: "keyed" }),
  "bare-list-of-one": shapes("a list of one is the magnet itself", { list: "bare if one" }),
  "ids-as-strings": shapes("ids are strings of digits", { ids: "string" }),
  "restarts-first-only": shapes("a restart of several has an outcome for the first only", {
    restarts: "first",
  }),
  "restarts-one-message": shapes("a restart of several has one message and no outcomes", {
    restarts: "message",
  }),
  "restart-cooldown": refused("MAGNET_PROCESSING_COOLDOWN"),
  "restart-generic": refused("GENERIC"),
  "restart-invalid": refused("ACCOUNT_INVALID"),
  "delete-later": each("a deletion is confirmed, and carried out a minute later", (account) => {
    account.deletes = 1;
  }),
  "delete-504-later": {
    what: "a deletion gets a 504, and is carried out a minute later",
    start: (sandbox) => {
      for (const account of sandbox.accounts) account.deletes = 1;
      sandbox.fault("delete", cloudflarePage(504), { act: true });
    },
  },
  "delete-never": each("a deletion is confirmed, and never carried out", (account) => {
    account.deletes = "never";
  }),
  "deleted-listed": each("a list still shows a deleted magnet once more", (account) => {
    account.listsDeleted = 1;
  }),
  "ids-reused": each("the ids of all magnets go to other torrents, which fail", (account) => {
    for (const { id } of account.magnets()) account.reuseId(id);
  }),
  "upload-id-zero": shapes("what is there already is added with the id 0", { uploadId: "zero" }),
  "upload-without-id": shapes("what is there already is added without an id", { uploadId: "none" }),
  "v4-discontinued": withdrawn("DISCONTINUED"),
  "v4-404": withdrawn("404"),
  deprecated: {
    what: "answers of /v4/ say that it is deprecated",
    start: (sandbox) => {
      for (const path of V4) sandbox.deprecated.add(path);
    },
  },
  "keys-replaced": each("each account has another key, and the old one opens nothing", (account, sandbox) =>
    sandbox.replaceKey(account.key, `${account.key}-replaced`),
  ),
  "two-keys": each("each account has a second key", (account, sandbox) =>
    sandbox.addKey(account, `${account.key}-second`),
  ),
  "empty-body": faulty("answers are empty, in HTTP 200", emptyBody()),
  reconnect: faulty('the word "reconnect" is in front of the JSON', reconnectGlitch()),
  "503-html": faulty("503 with an HTML page", cloudflarePage(503)),
  "503-empty": faulty("503 without a body", { kind: "http", status: 503 }),
};

const V4 = ["/v4/magnet/restart", "/v4/magnet/delete", "/v4/magnet/upload", "/v4/user"];

function each(
  what: string,
  start: (account: SandboxAccount, sandbox: AllDebridSandbox) => void,
): Misbehaviour {
  return {
    what,
    start: (sandbox) => {
      for (const account of sandbox.accounts) start(account, sandbox);
    },
  };
}

function shapes(what: string, changed: Partial<AllDebridSandbox["shapes"]>): Misbehaviour {
  return {
    what,
    start: (sandbox) => {
      sandbox.shapes = { ...sandbox.shapes, ...changed };
    },
  };
}

function refused(code: string): Misbehaviour {
  return each(`each restart is refused with ${code}`, (account) => {
    account.refusesRestarts = code;
  });
}

function withdrawn(code: "DISCONTINUED" | "404"): Misbehaviour {
  return {
    what: `all of /v4/ is withdrawn and answers ${code}`,
    start: (sandbox) => {
      for (const path of V4) sandbox.withdrawn[path] = code;
    },
  };
}

function faulty(what: string, behaviour: Behaviour): Misbehaviour {
  return { what, start: (sandbox) => void sandbox.fault("*", behaviour) };
}
