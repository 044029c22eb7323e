/** The routes of the API that the board uses. The browser sends the session cookie by itself. */

export interface Deal {
  id: string;
  title: string;
  stage: string;
  value: string;
}

export interface Pipeline {
  currency: string;
  stages: { stage: string; count: number; value: string }[];
  total: { count: number; value: string };
}

export interface Notification {
  id: string;
  kind: string;
  title: string;
  readAt: string | null;
  createdAt: string;
}

/** The error for a response with a status other than 2xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function call<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path, init);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const body: unknown = isJson ? await response.json() : undefined;
  if (response.ok) return body as Answer;
  throw new ApiError(
    response.status,
    (body as { detail?: string })?.detail ?? `The server answered ${response.status}`,
  );
}

/** The number of deals that one request loads for a column. */
const CARDS = 12;

export const api = {
  pipeline: () => call<Pipeline>('/deals/pipeline'),
  deals: async (stage: string) => (await call<{ items: Deal[] }>(`/deals?stage=${stage}&limit=${CARDS}`)).items,
  deal: (id: string) => call<Deal>(`/deals/${id}`),
  user: (id: string) => call<{ name: string }>(`/users/${id}`),
  notifications: async () => (await call<{ items: Notification[] }>('/notifications?limit=8')).items,
  markRead: (id: string) => call<void>(`/notifications/${id}/read`, { method: 'POST' }),
  move: (id: string, stage: string) =>
    call<Deal>(`/deals/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stage }),
    }),
};
