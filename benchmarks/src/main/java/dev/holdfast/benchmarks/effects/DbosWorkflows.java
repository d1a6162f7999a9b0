package dev.holdfast.benchmarks.effects;

import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.context.WorkflowOptions;
import dev.dbos.transact.workflow.Workflow;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.benchmarks.writes.Schema;
import dev.holdfast.migrations.SchemaName;
import javax.sql.DataSource;

/** A workflow of DBOS Transact with steps, called through its proxy as its documentation shows; its tables are in a schema of their own. */
final class DbosWorkflows implements WorkflowStore {

  private final SchemaName tables;
  private final DBOS dbos;
  private final Trip trip;

  private DbosWorkflows(DataSource pool, SchemaName tables) {
    this.tables = tables;
    this.dbos = new DBOS(DBOSConfig.defaults("benchmark")
        .withDataSource(pool)
        .withDatabaseSchema(tables.value())
        .withAppVersion("1")
        .withExecutorId("benchmark"));
    this.trip = dbos.registerProxy(Trip.class, new Steps(dbos));
    dbos.launch();
  }

  /** Makes its schema on a database; the tables are made when it is launched first. */
  static Tables create(Database database) {
    return new Tables(database.newEmptySchema());
  }

  @Override
  @SuppressWarnings("try") // The guard is there to be closed.
  public String run(String id) {
    try (WorkflowOptions.Guard guard = new WorkflowOptions(id).setContext()) {
      return trip.book(id);
    }
  }

  @Override
  public String written() {
    return tables.in("SELECT count(*) FROM {schema}.workflow_status WHERE status = 'SUCCESS'");
  }

  @Override
  public void close() {
    dbos.shutdown();
  }

  /** Where its tables are. */
  record Tables(SchemaName name) {

    /** Opens it on a pool. */
    DbosWorkflows open(DataSource pool, Schema schema) {
      return new DbosWorkflows(pool, name);
    }
  }

  /** What the proxy looks like. */
  public interface Trip {

    /** A workflow. */
    String book(String id);
  }

  /** The workflow. */
  public static final class Steps implements Trip {

    private final DBOS dbos;

    private Steps(DBOS dbos) {
      this.dbos = dbos;
    }

    @Override
    @Workflow(name = "book")
    public String book(String id) {
      StringBuilder result = new StringBuilder();
      for (int i = 0; i < OPERATIONS; i++) {
        int number = i;
        result.append(dbos.runStep(() -> WorkflowStore.answer(number), "answer"));
      }
      return result.toString();
    }
  }
}
