package dev.holdfast.effect.registry;

import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.registry.Shelf.Registered;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The handlers of this process. For each name there can be several candidates, one of each provider. One is active, the others are
 * shadowed: the provider that the {@link Selection} names, else the highest priority, then the highest stack level, then the last that was
 * registered.
 *
 * <pre>{@code
 * registry.register(Candidate.of(acmeFlights).provider("acme").priority(10));
 * registry.register(Candidate.of(spareFlights).provider("spare"));
 * registry.explain("flight.book").active(); // acme
 * }</pre>
 *
 * <p>What a candidate has performed is compensated by a candidate of the same provider, whichever is active by then.
 *
 * <p>Safe for use by multiple threads. Reads take no lock and see every change whole; a change is visible when its method returns.
 */
public final class HandlerRegistry {

  private final Log log;
  private final Object lock = new Object();
  private final List<RegistryListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Shelf shelf = Shelf.EMPTY;
  private long numbers;

  /** An empty registry that logs as {@link Logs#standard()} says. */
  public HandlerRegistry() {
    this(Logs.standard());
  }

  /**
   * An empty registry.
   *
   * @param logs where failures of listeners are told
   */
  public HandlerRegistry(Logs logs) {
    this.log = logs.of(HandlerRegistry.class);
  }

  /** Adds a handler as the candidate of the default provider, see {@link #register(Candidate)}. */
  public void register(EffectHandler<?, ?> handler) {
    register(Candidate.of(handler));
  }

  /**
   * Adds a candidate.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when it does not say how it is performed, or when there is one of its
   *     name and provider already
   */
  public void register(Candidate candidate) {
    candidate.handler().performRequired();
    synchronized (lock) {
      if (shelf.byId().containsKey(candidate.id())) {
        throw new HoldfastException(
            ErrorCode.CONFIGURATION,
            "A handler \"" + candidate.id() + "\" is registered already; unregister it first",
            Map.of("handler", candidate.name(), "provider", candidate.provider()),
            null);
      }
      shelf = shelf.with(new Registered(candidate, ++numbers));
    }
    tell(new RegistryChange(RegistryChange.Kind.REGISTERED, candidate));
  }

  /** Removes the candidate of the default provider, see {@link #unregister(String, String)}. */
  public boolean unregister(String name) {
    return unregister(name, Candidate.DEFAULT_PROVIDER);
  }

  /**
   * Removes a candidate. Operations under way end with it; what it has performed can be compensated by processes that have one of the same
   * name and provider. False when there is none such.
   */
  public boolean unregister(String name, String provider) {
    Registered removed;
    synchronized (lock) {
      removed = shelf.byId().get(Candidate.id(name, provider));
      if (removed == null || !removed.candidate().name().equals(name)) {
        return false;
      }
      shelf = shelf.without(removed.candidate());
    }
    tell(new RegistryChange(RegistryChange.Kind.UNREGISTERED, removed.candidate()));
    return true;
  }

  /** Replaces what is selected by hand, for everything that is asked from now on; {@link Selection#none()} in the beginning. */
  public void select(Selection selection) {
    synchronized (lock) {
      shelf = shelf.with(selection);
    }
  }

  private void tell(RegistryChange change) {
    for (RegistryListener listener : listeners) {
      try {
        listener.changed(change);
      } catch (RuntimeException | Error e) {
        log.error("A listener failed when handler {} was {}", change.candidate(), change.kind(), e);
      }
    }
  }

  /** Tells of changes from now on. */
  public void addListener(RegistryListener listener) {
    listeners.add(listener);
  }

  /** Tells no more. False when it was not there. */
  public boolean removeListener(RegistryListener listener) {
    return listeners.remove(listener);
  }

  /**
   * The active candidate of a name; empty when there is none, or when a provider is selected that is not registered.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when the selection fails
   */
  public Optional<Candidate> resolve(String name) {
    return shelf.active(name);
  }

  /** The candidate of a name and provider, whether it is active or not. */
  public Optional<Candidate> resolve(String name, String provider) {
    return Optional.ofNullable(shelf.byId().get(Candidate.id(name, provider)))
        .map(Registered::candidate)
        .filter(candidate -> candidate.name().equals(name));
  }

  /** The candidate that was made of this very handler. */
  public Optional<Candidate> find(EffectHandler<?, ?> handler) {
    return shelf.byName().getOrDefault(handler.name(), List.of()).stream()
        .map(Registered::candidate)
        .filter(candidate -> candidate.handler().equals(handler))
        .findFirst();
  }

  /**
   * The active candidate of a name.
   *
   * @throws HoldfastException with {@link ErrorCode#HANDLER_MISSING} and the names there are, or the provider that is selected and missing
   */
  public Candidate getRequired(String name) {
    Shelf now = shelf;
    return now.active(name)
        .orElseThrow(() -> missing(
            now.byName().containsKey(name)
                ? "Handler \"" + name + "\": provider \"" + now.selected(name)
                    + "\" is selected and not registered"
                : "There is no handler \"" + name + "\"",
            name));
  }

  /**
   * The candidate of a name and provider.
   *
   * @throws HoldfastException with {@link ErrorCode#HANDLER_MISSING} and what there is
   */
  public Candidate getRequired(String name, String provider) {
    return resolve(name, provider)
        .orElseThrow(
            () -> missing("There is no handler \"" + Candidate.id(name, provider) + "\"", name));
  }

  private HoldfastException missing(String message, String name) {
    return new HoldfastException(
        ErrorCode.HANDLER_MISSING,
        message + "; registered are " + new TreeSet<>(shelf.byId().keySet()),
        Map.of("handler", name),
        null);
  }

  /** The active candidate of every name that has one, names in the order of their first registration. */
  public List<Candidate> listActive() {
    Shelf now = shelf;
    return now.byName().keySet().stream()
        .flatMap(name -> now.active(name).stream())
        .toList();
  }

  /** The same of one domain: the names that begin with it and a dot, and the domain itself as a name. */
  public List<Candidate> listActive(String domain) {
    return listActive().stream().filter(candidate -> isIn(domain, candidate)).toList();
  }

  /** Every candidate that is not active. */
  public List<Candidate> listShadowed() {
    Shelf now = shelf;
    return now.byName().keySet().stream()
        .flatMap(name -> now.rank(name).places().stream())
        .filter(place -> !place.active())
        .map(Ranking.Place::candidate)
        .toList();
  }

  /** The same of one domain, see {@link #listActive(String)}. */
  public List<Candidate> listShadowed(String domain) {
    return listShadowed().stream().filter(candidate -> isIn(domain, candidate)).toList();
  }

  private static boolean isIn(String domain, Candidate candidate) {
    return candidate.name().equals(domain) || candidate.name().startsWith(domain + ".");
  }

  /** Why the active candidate of a name is active. */
  public Ranking explain(String name) {
    return shelf.rank(name);
  }

  /** Whether candidates of all these ids are registered, see {@link Candidate#id()}. */
  public boolean hasAll(Collection<String> ids) {
    return shelf.byId().keySet().containsAll(ids);
  }
}
