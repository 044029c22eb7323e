/** The fields of Redis's `INFO`. A managed Redis and the embedded one send only some of the fields. */

/** Returns a field of `INFO` as a text; `null` if Redis did not send it. */
export function infoField(info: string, field: string): string | null {
  return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
}

/** Returns a number of `INFO`; `null` if Redis did not send it. */
export function infoNumber(info: string, field: string): number | null {
  const text = infoField(info, field);
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
