package dev.holdfast.contract;

import dev.holdfast.contract.internal.ContractFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Loads contracts from files, and keeps what it loaded: as long as the file and all that it includes hold the same bytes, at most for the
 * time that the loaded contracts themselves say ({@code contract_loader}), the same object is returned without being parsed and checked
 * again. Of more than a hundred files those that were asked for last are kept. Errors are not kept. Safe for use by multiple threads; calls
 * take turns.
 */
public final class ContractLoader {

  private static final int MAX_KEPT = 100;

  private final LongSupplier nanoTime;
  private final Map<Path, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** A loader that has loaded nothing. */
  public ContractLoader() {
    this(System::nanoTime);
  }

  ContractLoader(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * The contracts of a file and what it includes. Blocks while files are read.
   *
   * @throws ContractViolationException with everything that is wrong, each with file, line, column and path
   */
  public synchronized Contracts load(Path file) {
    Path key = file.toAbsolutePath();
    Kept found = kept.get(key);
    if (found != null && nanoTime.getAsLong() - found.end < 0 && found.isUnchanged()) {
      return found.contracts;
    }
    kept.remove(key);
    List<ContractViolation> violations = new ArrayList<>();
    ContractFiles.Loaded loaded = ContractFiles.load(file, violations);
    Contracts contracts = Contracts.read(loaded, violations);
    requireComposition(contracts.contractLoader(), loaded, file);
    keep(key, contracts, loaded);
    return contracts;
  }

  private static void requireComposition(
      ContractLoaderContract loader, ContractFiles.Loaded loaded, Path file) {
    if (!loader.enableSubcontractComposition() && loaded.sources().size() > 1) {
      throw new ContractViolationException(List.of(new ContractViolation(
          ContractFiles.INCLUDE,
          List.of("contract_loader.enable_subcontract_composition"),
          "is not allowed while contract_loader.enable_subcontract_composition is false",
          new SourceLocation(String.valueOf(file.getFileName()), 1, 1))));
    }
  }

  private void keep(Path key, Contracts contracts, ContractFiles.Loaded loaded) {
    ContractLoaderContract loader = contracts.contractLoader();
    if (loader.enableContractCaching()) {
      long end = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(loader.contractCacheTtlSeconds());
      kept.put(key, new Kept(contracts, loaded.sources(), end));
      if (kept.size() > MAX_KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
  }

  /** Forgets a file, and says whether it was kept. */
  public synchronized boolean invalidate(Path file) {
    return kept.remove(file.toAbsolutePath()) != null;
  }

  /** Forgets all files, and says how many were kept. */
  public synchronized int clear() {
    int count = kept.size();
    kept.clear();
    return count;
  }

  private record Kept(Contracts contracts, List<ContractFiles.Source> sources, long end) {

    /** Bytes are compared, because a file can change twice within the resolution of its time. */
    boolean isUnchanged() {
      for (ContractFiles.Source source : sources) {
        if (!isUnchanged(source)) {
          return false;
        }
      }
      return true;
    }

    private static boolean isUnchanged(ContractFiles.Source source) {
      try {
        return ContractFiles.Source.read(source.path()).equals(source);
      } catch (IOException e) {
        return false; // It is loaded again, and what is wrong with it is found then.
      }
    }
  }
}
