/** The door of the pages. The commands in plain Node import the care area without them, because Node loads no TSX. */
export { careScreens } from './routes.tsx';
