import io.trino.spi.Plugin;
import io.trino.spi.eventlistener.ColumnDetail;
import io.trino.spi.eventlistener.EventListener;
import io.trino.spi.eventlistener.EventListenerFactory;
import io.trino.spi.eventlistener.OutputColumnMetadata;
import io.trino.spi.eventlistener.QueryCompletedEvent;
import io.trino.spi.eventlistener.QueryOutputMetadata;
import io.trino.spi.eventlistener.TableInfo;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A plugin of Trino that writes what its analyzer tells listeners of the lineage of a statement, one JSON object a line, in
 * the form of the lineage oracle: `id`, `sql`, `session`, `output` and `referenced`. Statements count that came from
 * `recombine`.
 */
public final class LineageListener implements Plugin {
    @Override
    public Iterable<EventListenerFactory> getEventListenerFactories() {
        return List.of(new Factory());
    }

    private static final class Factory implements EventListenerFactory {
        @Override
        public String getName() {
            return "lineage";
        }

        @Override
        public EventListener create(Map<String, String> settings, EventListenerContext context) {
            try {
                FileOutputStream file = new FileOutputStream(settings.get("file"), true);
                return new Writer(new PrintStream(file, true, StandardCharsets.UTF_8));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    private record Writer(PrintStream lines) implements EventListener {
        @Override
        public void queryCompleted(QueryCompletedEvent event) {
            boolean isMeant = event.getContext().getSource().filter("recombine"::equals).isPresent();
            if (isMeant && event.getFailureInfo().isEmpty()) {
                event.getIoMetadata().getOutput().ifPresent(output -> write(event, output));
            }
        }

        private void write(QueryCompletedEvent event, QueryOutputMetadata output) {
            String line = "{\"id\":%s,\"sql\":%s,\"session\":{\"catalog\":%s,\"schema\":%s},\"output\":{\"columns\":%s},\"referenced\":%s}"
                    .formatted(
                            Json.string(event.getMetadata().getQueryId()),
                            Json.string(event.getMetadata().getQuery()),
                            Json.string(event.getContext().getCatalog().orElse("")),
                            Json.string(event.getContext().getSchema().orElse("")),
                            Json.array(output.getColumns().orElse(List.of()), Writer::column),
                            Json.array(event.getMetadata().getTables(), Writer::table));
            synchronized (lines) {
                lines.println(line);
            }
        }

        private static String column(OutputColumnMetadata column) {
            List<String> sources = column.getSourceColumns().stream().map(Writer::source).sorted().toList();
            return "{\"name\":%s,\"sources\":%s}".formatted(Json.string(column.getColumnName()), Json.array(sources, Json::string));
        }

        private static String source(ColumnDetail source) {
            return String.join(".", source.getCatalog(), source.getSchema(), source.getTable(), source.getColumnName());
        }

        private static String table(TableInfo table) {
            String name = String.join(".", table.getCatalog(), table.getSchema(), table.getTable());
            String columns = Json.array(table.getColumns(), column -> Json.string(column.getColumn()));
            return "{\"table\":%s,\"columns\":%s}".formatted(Json.string(name), columns);
        }
    }
}
