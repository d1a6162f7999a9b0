-- A schema of temporary objects that is not named in the path is searched first for types: whoever may call the function could put one of
-- their own in the place of any that it names.
ALTER FUNCTION ${schema}.redaction_hint(text[]) SET search_path = pg_catalog, pg_temp;
