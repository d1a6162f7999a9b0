package dev.holdfast;

/** What happens to the tables when Holdfast starts. */
public enum MigrationMode {
  /** Creates the schema when it is missing and brings the tables up to date; the database user needs the right to do so. */
  MIGRATE,
  /** Checks, by the schema's record of migrations, that exactly those of this library were applied, and changes nothing. */
  VALIDATE,
  /** Neither changes nor checks anything. */
  OFF
}
