import { tryParseJson } from "../core/try-parse-json.ts";
import type { HttpAnswer } from "../http/http-answer.ts";
import { readProblem, readThing } from "./discord-answer.ts";
import type { Dead, InspectOutcome, Refused, SendOutcome, Unavailable } from "./outcome.ts";

/** What Discord's answer to a message means. */
export function judgeAnswer(answer: HttpAnswer, host: string): SendOutcome {
  const { status } = answer;
  if (status === 204) return { kind: "delivered", status };
  if (!isSuccess(status)) return judgeProblem(answer, `POST ${host}`);
  const message = readThing(tryParseJson(answer.body));
  if (message) return { kind: "delivered", status, messageId: message.id };
  return notDiscord(answer, `POST ${host}`);
}

/** What Discord's answer to the question for the webhook itself means. */
export function judgeInspection(answer: HttpAnswer, host: string): InspectOutcome {
  const verb = `GET ${host}`;
  if (isSuccess(answer.status)) {
    const webhook = readThing(tryParseJson(answer.body));
    return webhook ? { kind: "found", name: webhook.name } : notDiscord(answer, verb);
  }
  const outcome = judgeProblem(answer, verb);
  return outcome.kind === "refused"
    ? { kind: "unavailable", message: `${verb}: ${outcome.reason}` }
    : outcome;
}

function judgeProblem(answer: HttpAnswer, verb: string): Refused | Dead | Unavailable {
  const { status } = answer;
  // A proxy or a login page in between: its 404 says nothing about the webhook, its 400 nothing about a message.
  if (isWebPage(answer)) return notDiscord(answer, verb);
  const { code, reason } = readProblem(tryParseJson(answer.body));
  const what = [status, code === undefined ? "" : `(${code})`, reason].filter(Boolean).join(" ");
  if (status === 401 || status === 404) return { kind: "dead", status, message: `${verb}: ${what}` };
  // Codes 2200xx: the channel is a forum. Each message would be refused, so none of them is at fault.
  if (status === 400 && code !== undefined && code >= 220_000 && code < 220_100) {
    const advice = "the channel is a forum: add ?thread_id=… to the webhook's address, or use a text channel";
    return { kind: "unavailable", message: `${verb}: ${what} (${advice})` };
  }
  if (status === 400 || status === 413) return { kind: "refused", status, code, reason: what };
  return { kind: "unavailable", message: `${verb}: ${what}` };
}

function notDiscord(answer: HttpAnswer, verb: string): Unavailable {
  const what = isWebPage(answer) ? "a web page" : "something else than a Discord message";
  return {
    kind: "unavailable",
    message: `${verb}: ${answer.status} with ${what}; is a proxy or a login page in between?`,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isWebPage({ headers, body }: HttpAnswer): boolean {
  return /\bhtml\b/i.test(headers["content-type"] ?? "") || body.trimStart().startsWith("<");
}
