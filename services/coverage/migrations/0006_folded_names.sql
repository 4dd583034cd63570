-- Names as they are compared, so that whoever types `nunez` or `OBRIEN` finds Núñez and O'Brien. What is stored and what
-- is typed go through this one function: apostrophes and accents are left out, capitals are small, letters that are no
-- accented ones (ß, ø, ł) are written as people type them, and blanks count once.
-- The collation is named: the fold is the same on every server, whatever its language.
create function folded(written text) returns text language sql immutable strict parallel safe as $$
    select btrim(regexp_replace(
        replace(replace(replace(replace(
            translate(
                lower(regexp_replace(
                    normalize(translate(written, '''`´‘’‛ʹʻʼʾʿ′＇', ''), NFKD), '[\u0300-\u036f]', '', 'g'
                ) collate "pg_c_utf8"),
                'øłđðħŧı', 'olddhti'),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        '\s+', ' ', 'g'))
$$;

-- Generated: rows of before are folded here, and those of an older version that still runs as it writes them.
alter table provider
    add column folded_first_name text generated always as (folded(listed->>'first_name')) stored,
    add column folded_last_name text generated always as (folded(listed->>'last_name')) stored;
alter table payer add column folded_name text generated always as (folded(listed->>'name')) stored;

-- The indexes of 0002 stay for the older version.
create index provider_folded_last_name on provider (folded_last_name text_pattern_ops);
create index provider_folded_first_name on provider (folded_first_name text_pattern_ops);
analyze provider, payer;
