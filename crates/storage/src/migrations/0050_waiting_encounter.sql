-- A check-in opens the consultation of its visit; two at once, from any client, open one.
CREATE UNIQUE INDEX encounter_waiting ON encounter (appointment_id) WHERE state = 'arrived';
