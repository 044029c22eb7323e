-- The alerts of the care area look each minute for the patients who wait, and for accesses in emergencies without a review.
CREATE INDEX appointments_waiting_idx ON appointments (arrived_at) WHERE status = 'arrived';
CREATE INDEX break_glass_unreviewed_idx ON break_glass (started_at) WHERE reviewed_at IS NULL;
