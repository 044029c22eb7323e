/** Messages of the platform to its long-lived processes, over pub/sub. */
export { type Channel, ChannelError, type ChannelErrorCode, channel, publish } from './channel.ts';
export {
  type Listener,
  type ListenerCounts,
  type ListenOptions,
  type ListenServices,
  listen,
  type Receiver,
  receive,
} from './listen.ts';
