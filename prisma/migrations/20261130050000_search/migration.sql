-- The functions and triggers are the output of `functionsSql` and `triggersSql` of `src/platform/search`.

CREATE TABLE "search_entries" (
    "tenant_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "detail" TEXT,
    "terms" tsvector NOT NULL,

    CONSTRAINT "search_entries_pkey" PRIMARY KEY ("tenant_id","kind","id")
);

-- In collation "C", because the triggers pass texts of columns in different collations.
CREATE TABLE "search_words" (
    "tenant_id" TEXT COLLATE "C" NOT NULL,
    "word" TEXT COLLATE "C" NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "near" TEXT[],

    CONSTRAINT "search_words_tenant_id_seq_key" PRIMARY KEY ("tenant_id","word","seq")
);

-- A text as it is searched: without case, accents, ligatures and full-width letters.
CREATE OR REPLACE FUNCTION search_fold(text text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(text) = char_length(text) THEN RETURN lower(text); END IF;
  RETURN replace(replace(replace(replace(translate(normalize(regexp_replace(normalize(lower(normalize(text, NFKD)), NFKD), '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200c-\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+', '', 'g'), NFC), 'ÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖςøłđðħıŧ', 'ædoþdhlŋœtɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆσolddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
END
$$;

-- The tokens of a text, in their order. A run of a script without blanks becomes pairs of neighbours.
CREATE OR REPLACE FUNCTION search_tokens(text text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  apart text;
  word text;
  tokens text[] := '{}';
BEGIN
  IF text IS NULL THEN RETURN tokens; END IF;
  IF octet_length(text) = char_length(text) THEN
    apart := btrim(regexp_replace(lower(text), '[^a-z0-9]+', ' ', 'g'));
    IF char_length(apart) <= 40 THEN RETURN string_to_array(apart, ' '); END IF;
  ELSE
    apart := btrim(regexp_replace(search_fold(text), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02b9-\u02df\u037e\u0387\u055a-\u055f\u0589-\u058a\u05be\u05c0\u05c3\u05f3-\u05f4\u0600-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u0964-\u0965\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ue000-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g'));
    apart := regexp_replace(apart, '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]+)', ' \1 ', 'g');
  END IF;
  FOREACH word IN ARRAY string_to_array(apart, ' ') LOOP
    IF word = '' THEN CONTINUE; END IF;
    word := left(word, 40);
    IF octet_length(word) > char_length(word) AND word ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]' THEN
      FOR begins IN 1 .. char_length(word) LOOP tokens := tokens || substr(word, begins, 2); END LOOP;
    ELSE
      tokens := tokens || word;
    END IF;
  END LOOP;
  RETURN tokens;
END
$$;

-- The lexemes of an entry. Each begins with the tenant and the kind, so no search meets the lexemes of another tenant.
CREATE OR REPLACE FUNCTION search_terms(scope text, titles text[], addresses text[], details text[], phones text, labels text[])
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  terms text := '';
  token text;
  place int := 0;
  digits text := coalesce(left(regexp_replace(phones, '[^0-9]', '', 'g'), 40), '');
BEGIN
  FOREACH token IN ARRAY titles LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'A ';
  END LOOP;
  place := 1000;
  FOREACH token IN ARRAY addresses LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'B ';
  END LOOP;
  place := 2000;
  FOREACH token IN ARRAY details LOOP
    place := place + 1;
    terms := terms || '''' || scope || token || ''':' || place || 'C ';
  END LOOP;
  FOR begins IN 1 .. char_length(digits) - 3 LOOP
    terms := terms || '''' || scope || '#' || substr(digits, begins, 4) || ''':' || 9000 + begins || 'C ';
  END LOOP;
  FOREACH token IN ARRAY labels LOOP
    IF token IS NOT NULL THEN
      terms := terms || '''' || scope || '=' || replace(replace(token, '\', '\\'), '''', '''''') || ''':16000D ';
    END IF;
  END LOOP;
  RETURN terms::tsvector;
END
$$;

-- The word, and the word without one of its letters: two words with a common form differ by a typing error.
CREATE OR REPLACE FUNCTION search_near(tenant text, word text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  forms text[] := ARRAY[tenant || chr(31) || word];
BEGIN
  FOR place IN 1 .. char_length(word) LOOP
    -- Of equal neighbours, each makes the same form.
    IF substr(word, place, 1) <> substr(word, place + 1, 1) THEN
      forms := forms || (tenant || chr(31) || overlay(word PLACING '' FROM place FOR 1));
    END IF;
  END LOOP;
  RETURN forms;
END
$$;

-- Keeps the entry of a row, and the words of its texts. A word may be kept twice by two writers at a time: a unique
-- index would let them wait for each other.
CREATE OR REPLACE FUNCTION search_put(tenant text, kind text, id text, title text, addresses text, detail text, phones text,
  labels text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  searched text := left(detail, 1000);
  shown text := nullif(concat_ws(' · ', nullif(addresses, ''), nullif(phones, ''), nullif(searched, '')), '');
  titles text[] := search_tokens(title);
  details text[] := search_tokens(searched);
  token text;
BEGIN
  -- The last label of a domain is left out, because many addresses share it.
  INSERT INTO search_entries AS entry (tenant_id, kind, id, title, detail, terms)
  VALUES (tenant, kind, id, title, shown, search_terms(tenant || chr(31) || kind || chr(31), titles,
    search_tokens(regexp_replace(addresses, '\.[^.@ ]+( |$)', '\1', 'g')), details, phones, labels))
  ON CONFLICT ON CONSTRAINT search_entries_pkey DO UPDATE
  SET title = excluded.title, detail = excluded.detail, terms = excluded.terms;
  FOREACH token IN ARRAY titles || details LOOP
    IF char_length(token) BETWEEN 4 AND 30 AND token !~ '[0-9]' THEN
      PERFORM FROM search_words AS known WHERE known.tenant_id = tenant AND known.word = token LIMIT 1;
      IF NOT FOUND THEN
        INSERT INTO search_words (tenant_id, word, near) VALUES (tenant, token, search_near(tenant, token));
      END IF;
    END IF;
  END LOOP;
END
$$;

-- Removes the entry of a removed row. The argument of the trigger is the kind.
CREATE OR REPLACE FUNCTION search_drop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE tenant_id = OLD.tenant_id AND kind = TG_ARGV[0] AND id = OLD.id;
  RETURN NULL;
END
$$;

-- The first entries that match, with their ranks. Without these settings the planner might read the whole table for a
-- frequent word, because the limit is small, or compile the statement, which takes longer than the statement.
CREATE OR REPLACE FUNCTION search_ranked(match tsquery, words tsquery, most int)
RETURNS TABLE (tenant_id text, kind text, id text, title text, detail text, rank real)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY SELECT found.tenant_id, found.kind, found.id, found.title, found.detail, ts_rank('{0,0.2,0.5,1}', found.terms, words)
  FROM (SELECT * FROM search_entries AS entry WHERE entry.terms @@ match LIMIT most) AS found;
END
$$;

CREATE OR REPLACE FUNCTION search_put_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'contact', NEW.id, NEW.name, concat_ws(' ', NEW.email),
    concat_ws(' ', NEW.job_title), concat_ws(' ', NEW.phone), ARRAY['ownerId=' || NEW.owner_id, 'companyId=' || NEW.company_id]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION search_put_contact();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON contacts FOR EACH ROW
  WHEN ((OLD.name, OLD.email, OLD.job_title, OLD.phone, OLD.owner_id, OLD.company_id) IS DISTINCT FROM (NEW.name, NEW.email, NEW.job_title, NEW.phone, NEW.owner_id, NEW.company_id)) EXECUTE FUNCTION search_put_contact();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION search_drop('contact');

CREATE OR REPLACE FUNCTION search_put_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'company', NEW.id, NEW.name, concat_ws(' ', NEW.domain),
    concat_ws(' ', NEW.industry, NEW.city), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.owner_id, 'industry=' || NEW.industry]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON companies FOR EACH ROW EXECUTE FUNCTION search_put_company();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON companies FOR EACH ROW
  WHEN ((OLD.name, OLD.domain, OLD.industry, OLD.city, OLD.owner_id, OLD.industry) IS DISTINCT FROM (NEW.name, NEW.domain, NEW.industry, NEW.city, NEW.owner_id, NEW.industry)) EXECUTE FUNCTION search_put_company();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON companies FOR EACH ROW EXECUTE FUNCTION search_drop('company');

CREATE OR REPLACE FUNCTION search_put_deal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'deal', NEW.id, NEW.title, concat_ws(' ', NULL),
    concat_ws(' ', NULL), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.owner_id, 'companyId=' || NEW.company_id, 'stage=' || NEW.stage]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON deals FOR EACH ROW EXECUTE FUNCTION search_put_deal();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON deals FOR EACH ROW
  WHEN ((OLD.title, OLD.owner_id, OLD.company_id, OLD.stage) IS DISTINCT FROM (NEW.title, NEW.owner_id, NEW.company_id, NEW.stage)) EXECUTE FUNCTION search_put_deal();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON deals FOR EACH ROW EXECUTE FUNCTION search_drop('deal');

CREATE OR REPLACE FUNCTION search_put_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'project', NEW.id, NEW.name, concat_ws(' ', NULL),
    concat_ws(' ', NEW.description), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.owner_id, 'companyId=' || NEW.company_id, 'status=' || NEW.status]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION search_put_project();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON projects FOR EACH ROW
  WHEN ((OLD.name, OLD.description, OLD.owner_id, OLD.company_id, OLD.status) IS DISTINCT FROM (NEW.name, NEW.description, NEW.owner_id, NEW.company_id, NEW.status)) EXECUTE FUNCTION search_put_project();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON projects FOR EACH ROW EXECUTE FUNCTION search_drop('project');

CREATE OR REPLACE FUNCTION search_put_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'task', NEW.id, NEW.title, concat_ws(' ', NULL),
    concat_ws(' ', NEW.description), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.assignee_id, 'projectId=' || NEW.project_id, 'dealId=' || NEW.deal_id, 'status=' || NEW.status]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION search_put_task();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON tasks FOR EACH ROW
  WHEN ((OLD.title, OLD.description, OLD.assignee_id, OLD.project_id, OLD.deal_id, OLD.status) IS DISTINCT FROM (NEW.title, NEW.description, NEW.assignee_id, NEW.project_id, NEW.deal_id, NEW.status)) EXECUTE FUNCTION search_put_task();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION search_drop('task');

-- The entries of existing rows. The indexes are made afterwards, because that takes less time.
SELECT count(search_put(source.tenant_id, 'contact', source.id, source.name, concat_ws(' ', source.email),
    concat_ws(' ', source.job_title), concat_ws(' ', source.phone), ARRAY['ownerId=' || source.owner_id, 'companyId=' || source.company_id]::text[])) FROM contacts AS source;
SELECT count(search_put(source.tenant_id, 'company', source.id, source.name, concat_ws(' ', source.domain),
    concat_ws(' ', source.industry, source.city), concat_ws(' ', NULL), ARRAY['ownerId=' || source.owner_id, 'industry=' || source.industry]::text[])) FROM companies AS source;
SELECT count(search_put(source.tenant_id, 'deal', source.id, source.title, concat_ws(' ', NULL),
    concat_ws(' ', NULL), concat_ws(' ', NULL), ARRAY['ownerId=' || source.owner_id, 'companyId=' || source.company_id, 'stage=' || source.stage]::text[])) FROM deals AS source;
SELECT count(search_put(source.tenant_id, 'project', source.id, source.name, concat_ws(' ', NULL),
    concat_ws(' ', source.description), concat_ws(' ', NULL), ARRAY['ownerId=' || source.owner_id, 'companyId=' || source.company_id, 'status=' || source.status]::text[])) FROM projects AS source;
SELECT count(search_put(source.tenant_id, 'task', source.id, source.title, concat_ws(' ', NULL),
    concat_ws(' ', source.description), concat_ws(' ', NULL), ARRAY['ownerId=' || source.assignee_id, 'projectId=' || source.project_id, 'dealId=' || source.deal_id, 'status=' || source.status]::text[])) FROM tasks AS source;

CREATE INDEX "search_entries_terms_idx" ON "search_entries" USING GIN ("terms");
CREATE INDEX "search_words_near_idx" ON "search_words" USING GIN ("near");
