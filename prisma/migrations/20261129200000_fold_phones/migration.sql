-- Written by hand: Prisma has no words for functions. Imports compare telephone numbers without their spaces and signs.
CREATE FUNCTION "fold_phone"("phone" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(coalesce("phone", ''), '[^0-9A-Za-z+]', '', 'g');
