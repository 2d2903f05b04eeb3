"""Passages and their index. On SQLite a later change of the table must make the triggers anew:
Django remakes the table, and they go with the old one."""

from django.db import migrations, models

SQLITE = [
    """CREATE VIRTUAL TABLE notes_passage_index USING fts5(title_words, words,
        content='notes_passage', content_rowid='id', tokenize="porter unicode61 tokenchars '.'")""",
    """CREATE TRIGGER notes_passage_added AFTER INSERT ON notes_passage BEGIN
        INSERT INTO notes_passage_index(rowid, title_words, words)
        VALUES (new.id, new.title_words, new.words); END""",
    """CREATE TRIGGER notes_passage_deleted AFTER DELETE ON notes_passage BEGIN
        INSERT INTO notes_passage_index(notes_passage_index, rowid, title_words, words)
        VALUES ('delete', old.id, old.title_words, old.words); END""",
    """CREATE TRIGGER notes_passage_changed AFTER UPDATE ON notes_passage BEGIN
        INSERT INTO notes_passage_index(notes_passage_index, rowid, title_words, words)
        VALUES ('delete', old.id, old.title_words, old.words);
        INSERT INTO notes_passage_index(rowid, title_words, words)
        VALUES (new.id, new.title_words, new.words); END""",
]
POSTGRESQL = [
    """ALTER TABLE notes_passage ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title_words), 'A')
        || setweight(to_tsvector('english', words), 'B')) STORED""",
    "CREATE INDEX notes_passage_vector ON notes_passage USING gin (vector)",
]


def make_index(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE notes_passage_index")


class Migration(migrations.Migration):

    dependencies = [
        ('notes', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'note'), ('question', 'question')], max_length=10)),
                ('key', models.CharField(max_length=80)),
                ('anchor', models.CharField(blank=True, max_length=200)),
                ('title', models.TextField()),
                ('text', models.TextField()),
                ('title_words', models.TextField()),
                ('words', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'anchor'), name='passage_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['note', 'question'])), name='passage_kind_known')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
