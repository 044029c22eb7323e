/**
 * The script of the care area. Every page works without it. With it, waits count on, and a board or a hallway screen
 * shows each visit that was booked or has moved.
 */
import { leaveWith } from '../../../platform/pages/browser/index.ts';
import { countOn } from './count-on.ts';
import { followDepartment } from './live.ts';

leaveWith('/care');
countOn();
followDepartment();
// A page that the browser has kept may be of a user who has signed out since.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
