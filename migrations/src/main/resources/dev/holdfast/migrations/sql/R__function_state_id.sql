-- The identity of a state: the first 16 bytes of SHA-256 over namespace, a zero byte and name, marked as a version 8 UUID.
-- The zero byte cannot occur in either part, so no two pairs share an input. The library computes the same in Java.
CREATE OR REPLACE FUNCTION ${schema}.state_id(namespace text, name text) RETURNS uuid
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (
    SELECT encode(set_byte(set_byte(digest, 6, (get_byte(digest, 6) & 15) | 128), 8, (get_byte(digest, 8) & 63) | 128), 'hex')::uuid
    FROM (SELECT substr(sha256(convert_to(namespace, 'UTF8') || '\x00'::bytea || convert_to(name, 'UTF8')), 1, 16)) AS hashed (digest)
  );

COMMENT ON FUNCTION ${schema}.state_id(text, text) IS
  'The identity of the state with this namespace and name, whether or not it exists.';
