import io.trino.grammar.sql.SqlBaseLexer;
import io.trino.grammar.sql.SqlBaseParser;
import io.trino.sql.tree.NodeLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.tree.ParseTree;

/** Statements as trees of Trino's grammar, and their pieces. */
final class Grammar {
    private Grammar() {}

    /** One of them by chance. */
    static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    static SqlBaseLexer lexer(String sql) {
        SqlBaseLexer lexer = new SqlBaseLexer(CharStreams.fromString(sql));
        lexer.removeErrorListeners();
        return lexer;
    }

    static SqlBaseParser.SingleStatementContext tree(String sql) {
        SqlBaseParser parser = new SqlBaseParser(new CommonTokenStream(lexer(sql)));
        parser.removeErrorListeners();
        parser.setErrorHandler(new BailErrorStrategy());
        // What Trino tries first as well; what needs more is left out.
        parser.getInterpreter().setPredictionMode(PredictionMode.SLL);
        return parser.singleStatement();
    }

    /** The nodes of a tree that have a text, from the outside inwards. */
    static List<ParserRuleContext> nodes(ParseTree tree) {
        List<ParserRuleContext> nodes = new ArrayList<>();
        collect(tree, nodes);
        return nodes;
    }

    private static void collect(ParseTree tree, List<ParserRuleContext> nodes) {
        if (tree instanceof ParserRuleContext node) {
            if (node.stop != null && node.stop.getStopIndex() >= node.start.getStartIndex()) {
                nodes.add(node);
            }
            for (int child = 0; child < node.getChildCount(); child++) {
                collect(node.getChild(child), nodes);
            }
        }
    }

    /** A text whose places are counted in characters, as ANTLR counts them. */
    record Characters(int[] of) {
        static Characters in(String text) {
            return new Characters(text.codePoints().toArray());
        }

        String text(int start, int end) {
            return new String(of, start, end - start);
        }

        String text(ParserRuleContext node) {
            return text(node.start.getStartIndex(), node.stop.getStopIndex() + 1);
        }

        /** The text with another one in the place of a piece. */
        String with(ParserRuleContext piece, String other) {
            return text(0, piece.start.getStartIndex()) + other + text(piece.stop.getStopIndex() + 1, of.length);
        }

        int offset(NodeLocation location) {
            int line = 1;
            int offset = 0;
            for (; line < location.getLineNumber(); offset++) {
                line += of[offset] == '\n' ? 1 : 0;
            }
            return offset + location.getColumnNumber() - 1;
        }
    }
}
