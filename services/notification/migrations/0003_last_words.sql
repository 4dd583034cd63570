-- The letter that says what is true of a matter now: an earlier one that is not sent yet need not be.
create table last_words (
    client_id text not null,
    matter    text not null,
    letter_id text,
    primary key (client_id, matter)
);
-- When the client's answer to a payer came to count.
alter table confirmations add column accepted_at timestamptz;
