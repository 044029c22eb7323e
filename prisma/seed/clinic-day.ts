/**
 * A day in the clinic that is half over at the moment of seeding: visits in every status, in two departments. The times
 * are relative to that moment, so the board has waiting patients at any time of the day.
 */
import type { Prisma } from '#prisma';
import type { UserRow } from './people.ts';
import { toDay, type World } from './world.ts';

type Status = NonNullable<Prisma.AppointmentCreateManyInput['status']>;

/** A visit: its begin, and the times of its steps, in minutes from now. */
interface Visit {
  status: Status;
  starts: number;
  arrived?: number;
  roomed?: number;
  started?: number;
  finished?: number;
  ended?: number;
}

const DAY: readonly Visit[] = [
  { status: 'finished', starts: -170, arrived: -178, roomed: -165, started: -160, finished: -141 },
  { status: 'finished', starts: -130, arrived: -141, roomed: -128, started: -124, finished: -102 },
  { status: 'missed', starts: -95, ended: -75 },
  { status: 'left', starts: -70, arrived: -72, ended: -31 },
  { status: 'with_clinician', starts: -35, arrived: -48, roomed: -30, started: -18 },
  { status: 'in_room', starts: -20, arrived: -28, roomed: -9 },
  { status: 'arrived', starts: 2, arrived: -16 },
  { status: 'arrived', starts: 25, arrived: -4 },
  { status: 'booked', starts: 50 },
  { status: 'cancelled', starts: 75, ended: -200 },
  { status: 'booked', starts: 100 },
  { status: 'booked', starts: 130 },
];
const MINUTES = 20;
const DEPARTMENTS = ['General practice', 'Cardiology'];
const MINUTE_MS = 60_000;

/** Makes the visits of today. Those that would be on another day are left out, which happens around midnight. */
export function makeClinicDay(
  world: World,
  patients: readonly { id: string }[],
  clinicians: readonly UserRow[],
): Prisma.AppointmentCreateManyInput[] {
  const { now, tenantId } = world;
  const at = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
  const step = (minutes: number | undefined) => (minutes === undefined ? null : at(minutes));
  return DAY.flatMap((visit, index) => {
    const startsAt = at(visit.starts);
    const patient = patients[index % patients.length];
    // The visits of one clinician are 20 minutes long and at least 20 minutes apart.
    const clinician = clinicians[index % clinicians.length];
    if (!patient || !clinician || toDay(startsAt).getTime() !== toDay(now).getTime()) return [];
    const createdAt = at(-3 * 24 * 60);
    const id = world.id('appointment', createdAt);
    return [
      {
        ...{ tenantId, id, ticket: ticketOf(id), patientId: patient.id, clinicianId: clinician.id },
        ...{ status: visit.status, department: DEPARTMENTS[index % 2] ?? '', startsAt, createdAt, updatedAt: now },
        endsAt: at(visit.starts + MINUTES),
        ...{ arrivedAt: step(visit.arrived), roomedAt: step(visit.roomed), startedAt: step(visit.started) },
        ...{ finishedAt: step(visit.finished), endedAt: step(visit.ended) },
      },
    ];
  });
}

/** Returns the code of a visit for the hallway screen, as the application does. */
export function ticketOf(id: string): string {
  return id.slice(-5);
}
