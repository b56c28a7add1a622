-- Files are looked at for malware before they are given out (C5); what was found keeps a file from everybody.
alter table support.attachment drop constraint attachment_state_check;
alter table support.attachment add constraint attachment_state_check
  check (state in ('UPLOADING', 'RECEIVED', 'READY', 'INFECTED', 'REMOVED', 'DISCARDED', 'PURGED'));
alter table support.attachment drop constraint attachment_scan_check;
alter table support.attachment add constraint attachment_scan_check
  check (scan in ('NOT_SCANNED', 'PENDING', 'CLEAN', 'INFECTED'));
alter table support.attachment add column scan_signature text;
alter table support.attachment add column scanned_at timestamptz;
alter table support.attachment add column quarantined boolean not null default false;
alter table support.attachment drop constraint held_is_there;
alter table support.attachment add constraint held_is_there
  check (not legal_hold or state = 'READY' or (state = 'INFECTED' and quarantined));
alter table support.attachment add constraint infected_is_found
  check (state <> 'INFECTED' or (scan = 'INFECTED' and scanned_at is not null));
create index attachment_scan on support.attachment (scan, created_at desc, id desc);
