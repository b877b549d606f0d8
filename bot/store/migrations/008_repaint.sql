-- A press that is painting its card is marked apart from a card that changed.
DROP INDEX outbox_repaint;
CREATE INDEX outbox_repaint ON outbox (repaint, id) WHERE repaint > 0;
