-- `all_sealed_at`: when the command `seal` found nothing left that is stored plain; of the first key of an empty database
-- when it was made. `retired_at`: when the command `unseal` found nothing left that the key opens; it seals nothing more.
alter table data_keys add column all_sealed_at timestamptz, add column retired_at timestamptz;
