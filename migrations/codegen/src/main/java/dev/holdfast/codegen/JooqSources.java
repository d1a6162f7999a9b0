package dev.holdfast.codegen;

import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;

/**
 * Starts an embedded PostgreSQL, applies the migrations and writes jOOQ's classes for the result, so that there is never a second
 * description of the schema.
 *
 * <p>Arguments: the folder to write to, the package of the classes.
 */
public final class JooqSources {

  private JooqSources() {}

  /** Runs the generator. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      Migrations.of(server.getPostgresDatabase(), SchemaName.DEFAULT).migrate();
      GenerationTool.generate(
          configuration(server.getJdbcUrl("postgres", "postgres"), folder, arguments[1]));
    }
  }

  private static Configuration configuration(String url, Path folder, String packageName) {
    return new Configuration()
        .withLogging(Logging.WARN)
        .withJdbc(new Jdbc().withUrl(url).withUser("postgres").withDriver("org.postgresql.Driver"))
        .withGenerator(new Generator()
            .withDatabase(new Database()
                .withName("org.jooq.meta.postgres.PostgresDatabase")
                .withInputSchema(SchemaName.DEFAULT.value())
                .withExcludes("holdfast_schema_history")
                .withIncludeRoutines(false))
            .withGenerate(new Generate()
                .withRecords(false)
                .withGeneratedAnnotation(false)
                .withJavaTimeTypes(true)
                .withComments(false))
            .withTarget(
                new Target().withDirectory(folder.toString()).withPackageName(packageName)));
  }
}
