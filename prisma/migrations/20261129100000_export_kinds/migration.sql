-- Earlier exports have contacts only.
CREATE TYPE export_kind AS ENUM ('contacts', 'companies', 'deals', 'tasks');
ALTER TABLE exports ADD COLUMN kind export_kind NOT NULL DEFAULT 'contacts';
