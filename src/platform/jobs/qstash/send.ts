/** The part of `fetch` with which messages are published. */

/** Sends a request to QStash. The platform's `fetch` fits; on Node, a smaller `fetch` needs a third of its CPU. */
export type SendToQstash = (
  url: string,
  request: { method: 'POST'; headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<{ status: number; ok: boolean; headers: { get(name: string): string | null }; text(): Promise<string> }>;
