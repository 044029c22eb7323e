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

CREATE TABLE "search_words" (
    "tenant_id" TEXT NOT NULL,
    "word" TEXT COLLATE "C" NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "near" TEXT[],

    CONSTRAINT "search_words_pkey" PRIMARY KEY ("tenant_id","word","seq")
);

-- A text as it is searched: without case, accents, ligatures and full-width letters.
CREATE OR REPLACE FUNCTION search_fold(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(text) = char_length(text) THEN lower(text)
    ELSE replace(replace(replace(replace(translate(normalize(regexp_replace(normalize(lower(normalize(text, NFKD)), NFKD), '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200c-\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+', '', 'g'), NFC), 'ÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖςøłđðħıŧ', 'ædoþdhlŋœtɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆσolddhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END
$$;

-- The tokens of a text, in their order. A run of a script without blanks becomes pairs of neighbours.
CREATE OR REPLACE FUNCTION search_tokens(text text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  apart text := btrim(regexp_replace(search_fold(text), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02b9-\u02df\u037e\u0387\u055a-\u055f\u0589-\u058a\u05be\u05c0\u05c3\u05f3-\u05f4\u0600-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u0964-\u0965\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ue000-\uf8ff\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g'));
BEGIN
  IF apart !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]' THEN
    RETURN ARRAY(SELECT left(word, 40) FROM unnest(string_to_array(apart, ' ')) WITH ORDINALITY AS words (word, place)
      WHERE word <> '' ORDER BY place);
  END IF;
  apart := regexp_replace(apart, '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]+)', ' \1 ', 'g');
  RETURN ARRAY(
    SELECT CASE WHEN word ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]' THEN substr(left(word, 40), first, 2) ELSE left(word, 40) END
    FROM unnest(string_to_array(apart, ' ')) WITH ORDINALITY AS words (word, place),
      generate_series(1, CASE WHEN word ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd]' THEN least(char_length(word), 40) ELSE 1 END) AS first
    WHERE word <> '' ORDER BY place, first);
END
$$;

-- The lexemes of an entry. Each begins with the tenant and the kind, so no search meets the lexemes of another tenant.
CREATE OR REPLACE FUNCTION search_terms(scope text, title text, addresses text, detail text, phones text, labels text[])
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg('''' || scope || token || ''':' || place, ' '), '')::tsvector FROM (
    SELECT token, place || 'A' FROM unnest(search_tokens(title)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT token, place + 1000 || 'B' FROM unnest(search_tokens(addresses)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT token, place + 2000 || 'C' FROM unnest(search_tokens(detail)) WITH ORDINALITY AS tokens (token, place)
    UNION ALL SELECT '#' || substr(digits, first, 4), first + 9000 || 'C'
      FROM regexp_replace(phones, '[^0-9]', '', 'g') AS digits, generate_series(1, least(char_length(digits), 40) - 3) AS first
    UNION ALL SELECT '=' || replace(replace(label, '\', '\\'), '''', ''''''), '16000D'
      FROM unnest(labels) AS label WHERE label IS NOT NULL
  ) AS terms (token, place)
$$;

-- The word, and the word without one of its letters: two words with a common form differ by a typing error.
CREATE OR REPLACE FUNCTION search_near(tenant text, word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT tenant || chr(31) || form) FROM (
    SELECT word UNION ALL SELECT overlay(word PLACING '' FROM place FOR 1) FROM generate_series(1, char_length(word)) AS place
  ) AS forms (form)
$$;

-- Keeps the entry of a row, and the words of its texts. A word may be kept twice by two writers at a time: a unique
-- index would let them wait for each other.
CREATE OR REPLACE FUNCTION search_put(tenant text, kind text, id text, title text, addresses text, detail text, phones text,
  labels text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  searched text := left(detail, 1000);
  shown text := nullif(concat_ws(' · ', nullif(addresses, ''), nullif(phones, ''), nullif(searched, '')), '');
  -- The last label of a domain is left out, because many addresses share it.
  parts text := regexp_replace(addresses, '\.[^.@ ]+( |$)', '\1', 'g');
BEGIN
  INSERT INTO search_entries AS entry (tenant_id, kind, id, title, detail, terms)
  VALUES (tenant, kind, id, title, shown,
    search_terms(tenant || chr(31) || kind || chr(31), title, parts, searched, phones, labels))
  ON CONFLICT ON CONSTRAINT search_entries_pkey DO UPDATE
  SET title = excluded.title, detail = excluded.detail, terms = excluded.terms;
  INSERT INTO search_words (tenant_id, word, near)
  SELECT tenant, new.word, search_near(tenant, new.word)
  FROM (SELECT DISTINCT unnest(search_tokens(concat_ws(' ', title, searched)))) AS new (word)
  WHERE char_length(new.word) BETWEEN 4 AND 30 AND new.word !~ '[0-9]'
    AND NOT EXISTS (SELECT FROM search_words AS known WHERE known.tenant_id = tenant AND known.word = new.word);
END
$$;

-- Removes the entry of a removed row. The argument of the trigger is the kind.
CREATE OR REPLACE FUNCTION search_drop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM search_entries WHERE tenant_id = OLD.tenant_id AND kind = TG_ARGV[0] AND id = OLD.id;
  RETURN NULL;
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
