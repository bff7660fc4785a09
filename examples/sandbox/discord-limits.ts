/** Discord's limits, from its documentation of messages and webhooks. Lengths are UTF-16 units. */
const LIMITS = {
  content: 2000,
  embeds: 10,
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  footer: 2048,
  author: 256,
  username: 80,
  /** Over all embeds of one message. */
  total: 6000,
};

/** One thing wrong with a message, and where. */
export type FormProblem = { path: readonly (string | number)[]; code: string; message: string };

type Dict = Record<string, unknown>;

/** Everything wrong with a webhook message; empty if Discord would take it. */
export function formProblems(message: Dict): FormProblem[] {
  const problems: FormProblem[] = [];
  const report = (path: FormProblem["path"], code: string, text: string) =>
    void problems.push({ path, code, message: text });

  const text = (value: unknown, path: FormProblem["path"], max: number, isRequired = false): number => {
    if (value === undefined || value === null) {
      if (isRequired) report(path, "BASE_TYPE_REQUIRED", "This field is required");
      return 0;
    }
    if (typeof value !== "string") {
      report(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
      return 0;
    }
    if (isRequired && value.trim() === "") report(path, "BASE_TYPE_REQUIRED", "This field is required");
    if (value.length > max) report(path, "BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`);
    return value.length;
  };

  const list = (value: unknown, path: FormProblem["path"], max: number): unknown[] => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      report(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
      return [];
    }
    if (value.length > max) report(path, "BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`);
    return value;
  };

  const embed = (value: unknown, path: FormProblem["path"]): number => {
    if (!isDict(value)) {
      report(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
      return 0;
    }
    let length = text(value.title, [...path, "title"], LIMITS.title);
    length += text(value.description, [...path, "description"], LIMITS.description);
    list(value.fields, [...path, "fields"], LIMITS.fields).forEach((entry, index) => {
      const field = isDict(entry) ? entry : {};
      const at = [...path, "fields", index];
      length += text(field.name, [...at, "name"], LIMITS.fieldName, true);
      length += text(field.value, [...at, "value"], LIMITS.fieldValue, true);
    });
    if (isDict(value.footer))
      length += text(value.footer.text, [...path, "footer", "text"], LIMITS.footer, true);
    if (isDict(value.author))
      length += text(value.author.name, [...path, "author", "name"], LIMITS.author, true);
    if (value.color !== undefined && !isColor(value.color)) {
      report([...path, "color"], "NUMBER_TYPE_COERCE", `Value "${value.color}" is not int.`);
    }
    if (value.timestamp !== undefined && !isIsoTime(value.timestamp)) {
      report([...path, "timestamp"], "DATE_TIME_TYPE_PARSE", `Could not parse ${value.timestamp}.`);
    }
    return length;
  };

  text(message.content, ["content"], LIMITS.content);
  if (message.username !== undefined && message.username !== null) {
    text(message.username, ["username"], LIMITS.username, true);
    const forbidden = /discord|clyde/i.exec(String(message.username))?.[0];
    if (forbidden)
      report(["username"], "USERNAME_INVALID_CONTAINS", `Username cannot contain "${forbidden}"`);
  }
  const lengths = list(message.embeds, ["embeds"], LIMITS.embeds).map((entry, index) =>
    embed(entry, ["embeds", index]),
  );
  if (lengths.reduce((sum, length) => sum + length, 0) > LIMITS.total) {
    report(["embeds"], "MAX_EMBED_SIZE_EXCEEDED", `Embed size exceeds maximum size of ${LIMITS.total}`);
  }
  return problems;
}

/** Whether there is nothing to show. */
export function isEmptyMessage(message: Dict): boolean {
  const hasContent = typeof message.content === "string" && message.content.trim() !== "";
  return !hasContent && !(Array.isArray(message.embeds) && message.embeds.length > 0);
}

/** Problems nested as Discord nests them: `errors.embeds.0.title._errors[0]`. */
export function nestedErrors(problems: readonly FormProblem[]): Dict {
  const errors: Dict = {};
  for (const { path, code, message } of problems) {
    let node = errors;
    for (const step of path) {
      node[step] ??= {};
      node = node[step] as Dict;
    }
    node._errors = [...((node._errors as unknown[] | undefined) ?? []), { code, message }];
  }
  return errors;
}

function isDict(value: unknown): value is Dict {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isColor(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffff;
}

function isIsoTime(value: unknown): boolean {
  const isIso =
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.test(value);
  return isIso && !Number.isNaN(Date.parse(value));
}
