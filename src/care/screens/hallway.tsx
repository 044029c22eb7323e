/** The screen in the hallway of a department: the numbers of tickets, and neither names nor ids. */
import type { Hallway } from '../board/schema.ts';
import { at } from './addresses.ts';
import { choosePage } from './board.tsx';
import { minutes, Since } from './show.tsx';
import type { Screen } from './visit.ts';

export const hallwayScreen: Screen = {
  path: at.hallway(),
  async show(visit) {
    const { c, api, now } = visit;
    const department = c.req.query('department');
    if (!department) return choosePage(visit, 'Hallway', at.hallway);
    const { items, waiting, meanDoorToRoomMs } = await api.get<Hallway>(
      `/care/board/hallway?${new URLSearchParams({ department })}`,
    );
    const called = items.filter(({ status }) => status === 'in_room');
    const others = items.filter(({ status }) => status === 'arrived');
    return {
      title: 'Hallway',
      heading: department,
      live: department,
      view: 'hallway',
      content: (
        <div class="called">
          <section aria-label="Please come in">
            <h2>Please come in</h2>
            <ul class="numbers now">
              {called.map(({ ticket }) => (
                <li>{ticket}</li>
              ))}
            </ul>
            {called.length === 0 && <p class="none">No number is called</p>}
          </section>
          <section aria-label="Waiting">
            <h2>
              Waiting <span class="count">{waiting}</span>
            </h2>
            <ul class="numbers">
              {others.map(({ ticket, arrivedAt }) => (
                <li>
                  {ticket} {arrivedAt !== null && <Since at={arrivedAt} now={now} />}
                </li>
              ))}
            </ul>
            {others.length === 0 && <p class="none">No patient waits</p>}
            {meanDoorToRoomMs !== null && <p class="soft">The mean wait today is {minutes(meanDoorToRoomMs)}.</p>}
          </section>
        </div>
      ),
    };
  },
};
