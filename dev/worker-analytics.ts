/** What @upstash/ratelimit would count with if its analytics were switched on: nothing. Spares the Worker 2 KiB. */
export class Analytics {}
