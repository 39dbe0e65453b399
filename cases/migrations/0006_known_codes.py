"""The database knows the codes that the portal branches on, and each constraint has its code."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0005_figures_from_indexes'),
        ('centers', '0003_hours_do_not_overlap'),
        ('providers', '0002_services_are_sorted'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('phase__in', ['clearing', 'assessment', 'planning', 'linking', 'monitoring', 'evaluation', 'closed', 'aftercare'])), name='a_case_is_in_a_known_phase', violation_error_code='phase_unknown', violation_error_message='There is no such phase.'),
        ),
        migrations.AddConstraint(
            model_name='caseaccess',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['lead', 'deputy', 'team', 'handover', 'substitution', 'emergency'])), name='access_has_a_known_reason', violation_error_code='reason_unknown', violation_error_message='There is no such reason.'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'done', 'dropped'])), name='a_follow_up_is_in_a_known_state', violation_error_code='state_unknown', violation_error_message='There is no such state.'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['task', 'legal_deadline', 'expiry', 'review'])), name='a_follow_up_is_of_a_known_kind', violation_error_code='kind_unknown', violation_error_message='There is no such kind.'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'accepted', 'declined', 'withdrawn'])), name='a_handover_is_in_a_known_state', violation_error_code='state_unknown', violation_error_message='There is no such state.'),
        ),
        migrations.AddConstraint(
            model_name='need',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'in_progress', 'met', 'unmet', 'dropped'])), name='a_need_is_in_a_known_state', violation_error_code='state_unknown', violation_error_message='There is no such state.'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'requested', 'received', 'accepted', 'waiting_list', 'declined', 'forwarded', 'arrived', 'not_arrived', 'running', 'succeeded', 'failed', 'withdrawn'])), name='a_referral_is_in_a_known_state', violation_error_code='state_unknown', violation_error_message='There is no such state.'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['information', 'self_referral', 'arranged', 'accompanied', 'transfer'])), name='a_referral_is_of_a_known_kind', violation_error_code='kind_unknown', violation_error_message='There is no such kind.'),
        ),
        migrations.AlterConstraint(
            model_name='duplicatesuspicion',
            name='one_suspicion_per_pair',
            constraint=models.UniqueConstraint(fields=('known', 'newer'), name='one_suspicion_per_pair', violation_error_code='suspected_already', violation_error_message='This suspicion is on record already.'),
        ),
        migrations.AlterConstraint(
            model_name='duplicatesuspicion',
            name='a_case_is_no_duplicate_of_itself',
            constraint=models.CheckConstraint(condition=models.Q(('known', models.F('newer')), _negated=True), name='a_case_is_no_duplicate_of_itself', violation_error_code='its_own_duplicate', violation_error_message='A case cannot be its own duplicate.'),
        ),
        migrations.AlterConstraint(
            model_name='handoverreview',
            name='one_review_per_reader_and_handover',
            constraint=models.UniqueConstraint(fields=('handover', 'reviewer'), name='one_review_per_reader_and_handover', violation_error_code='reviewed_already', violation_error_message='You are considering this case already.'),
        ),
        migrations.AlterConstraint(
            model_name='referencecounter',
            name='one_counter_per_center_and_year',
            constraint=models.UniqueConstraint(fields=('center', 'year'), name='one_counter_per_center_and_year', violation_error_code='counter_exists', violation_error_message='This center has its counter for that year already.'),
        ),
        migrations.AlterConstraint(
            model_name='submission',
            name='a_form_is_taken_once',
            constraint=models.UniqueConstraint(fields=('sent_by', 'key'), name='a_form_is_taken_once', violation_error_code='sent_already', violation_error_message='This form has been sent already.'),
        ),
    ]
