package dev.holdfast.integration.linearizable;

import dev.holdfast.Holdfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.json.JsonMapper;

/**
 * A process of its own with several clients, one for each thread, half of them at each of two states. It says when it is ready, begins
 * when the test writes {@code start} into the folder, and leaves what its clients saw in files there. Confined to its process.
 */
final class ClientProcess {

  static final List<String> STATES = List.of("one", "two");

  private ClientProcess() {}

  /** Arguments: JDBC URL, user, password, folder, number of the first client, clients, calls of each, careless or careful, seed. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[3]);
    int first = Integer.parseInt(args[4]);
    int clients = Integer.parseInt(args[5]);
    int calls = Integer.parseInt(args[6]);
    boolean isCareless = args[7].equals("careless");
    Random seeds = new Random(Long.parseLong(args[8]));
    SharedClock clock = SharedClock.open(folder.resolve("clock"));
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(args[0], args[1], args[2])
        .maximumPoolSize(clients)
        .build()) {
      List<Client> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String state = STATES.get(i % STATES.size());
        Random random = new Random(seeds.nextLong());
        all.add(
            isCareless
                ? new CarelessClient(holdfast, state, first + i, clock, random)
                : new Client(holdfast, state, first + i, clock, random));
      }
      System.out.println("ready");
      awaitStart(folder);
      run(all, calls, folder.resolve("observations-" + first));
    }
  }

  private static void awaitStart(Path folder) {
    while (!Files.exists(folder.resolve("start"))) {
      Thread.onSpinWait();
    }
  }

  private static void run(List<Client> clients, int calls, Path file) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(clients.size());
    List<Future<List<Observation>>> running = new ArrayList<>();
    clients.forEach(client -> running.add(executor.submit(() -> client.run(calls))));
    JsonMapper mapper = new JsonMapper();
    for (int i = 0; i < running.size(); i++) {
      Path ofState = Path.of(file + "-" + i + "-" + STATES.get(i % STATES.size()));
      List<String> lines =
          running.get(i).get().stream().map(mapper::writeValueAsString).toList();
      Files.write(ofState, lines);
    }
    executor.shutdown();
  }
}
