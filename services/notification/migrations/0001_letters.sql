-- Who gets letters, and what is known of the names that stand in them.
create table recipients (
    client_id   text        not null primary key,
    first_name  text        not null,
    last_name   text        not null,
    email       text,
    email_since timestamptz not null,
    language    text        not null,
    letters     text        not null,
    lives_in    text        not null,
    suppressed  text
);
create table client_plans (
    client_id   text    not null,
    plan_id     text    not null,
    payer_id    text    not null,
    relation    text    not null,
    place       bigint  not null,
    primary key (client_id, plan_id)
);
-- The client's last pause. A letter about a pause that is over is not sent.
create table pauses (
    client_id   text    not null primary key,
    pause_id    text    not null,
    paused_on   date    not null,
    is_open     boolean not null
);
-- What the client has answered to each payer's issue.
create table confirmations (
    client_id    text   not null,
    payer_id     text   not null,
    confirmed_on date   not null,
    primary key (client_id, payer_id)
);
create table providers (
    provider_id text        not null primary key,
    name        text        not null,
    email       text,
    email_since timestamptz not null,
    suppressed  text
);
create table payers (
    payer_id    text    not null primary key,
    name        text    not null,
    phone       text,
    hours       text
);

-- Every letter that was ever asked for: why, to whom (ids only), and what became of it.
create table letters (
    client_id        text        not null,
    letter_id        text        not null,
    letter           text        not null,
    provider_id      text,
    urgent           boolean     not null,
    cause            text        not null,
    data             jsonb       not null,
    asked_at         timestamptz not null,
    state            text        not null,
    not_before       timestamptz not null,
    attempts         bigint      not null,
    perhaps_twice    boolean     not null,
    template_version text        not null,
    message_id       text,
    ended_at         timestamptz,
    reason           text,
    resend_of        text,
    why              text,
    primary key (client_id, letter_id)
);
create index letters_to_send on letters (urgent, not_before) where state in ('ready', 'sending');
create index letters_undelivered on letters (ended_at) where state in ('failed', 'skipped', 'bounced');
create index letters_resent on letters (resend_of) where resend_of is not null;
create index letters_letter_id on letters (letter_id);
create index letters_message_id on letters (message_id);
